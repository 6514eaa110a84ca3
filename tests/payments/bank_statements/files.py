"""What banks export, made up: a deposit of Stripe's among others, as each of them writes it."""

HSBC = b"""Date,Type,Description,Paid out,Paid in,Balance
03 Nov 2026,CR,STRIPE PAYMENTS UK LTD,,"1,204.10","5,204.10"
02 Nov 2026,DD,Rent,"900.00",,"4,000.00"
"""
MONZO = b"""\xef\xbb\xbfTransaction ID,Date,Time,Type,Name,Amount,Currency,Notes and #tags
tx_1,03/11/2026,09:14:22,Faster payment,Stripe,1204.10,GBP,STRIPE po_1
tx_2,02/11/2026,10:00:00,Direct Debit,Landlord,-900.00,GBP,Rent
"""
SPARKASSE = (
    '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Betrag";'
    '"Waehrung"\n'
    '"DE1";"03.11.26";"03.11.26";"GUTSCHR";"Stripe Gutschrift für Müller";"1.204,10";"EUR"\n'
    '"DE1";"02.11.26";"02.11.26";"MIETE";"Miete";"-900,00";"EUR"\n'
).encode("cp1252")
WITH_A_PREAMBLE = b"""Account Name:,Practice
Account Number:,12345678

Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance
03/11/2026,FPI,'11-22-33,12345678,STRIPE,,1204.10,5204.10
02/11/2026,DD,'11-22-33,12345678,RENT,900.00,,4000.00
"""  # noqa: E501 - as the bank writes it
UNKNOWN = b"""When;Wieviel;Wozu
2026-11-03;1204.10;STRIPE
2026-11-02;-900.00;Rent
"""
SGML = b"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261104
<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0
<SEVERITY>INFO</STATUS><STMTRS><CURDEF>GBP<BANKACCTFROM><BANKID>112233<ACCTID>12345678
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261104
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261103120000[0:GMT]<TRNAMT>1204.10<FITID>F1<NAME>STRIPE
<MEMO>po_1 &amp; fees</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261102<TRNAMT>-900,00<FITID>F2<NAME>Rent</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
XML_OFX = b"""<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>GBP</CURDEF><BANKACCTFROM><ACCTID>12345678</ACCTID>
</BANKACCTFROM><BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20261103</DTPOSTED>
<TRNAMT>1204.10</TRNAMT><FITID>F1</FITID><NAME>STRIPE</NAME></STMTTRN><STMTTRN>
<TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20261102</DTPOSTED><TRNAMT>-900.00</TRNAMT><FITID>F2</FITID>
<NAME>Rent</NAME></STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-04T06:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S</Id><Acct><Id><IBAN>GB00BANK</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">1204.10</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{booked}</Sts>
<BookgDt><Dt>2026-11-03</Dt></BookgDt><AcctSvcrRef>A1</AcctSvcrRef><NtryDtls><TxDtls><Refs>
<EndToEndId>po_1</EndToEndId></Refs><AmtDtls><InstdAmt><Amt Ccy="USD">1300.00</Amt></InstdAmt>
</AmtDtls><RltdPties><Dbtr><Nm>Stripe Technology</Nm></Dbtr></RltdPties><RmtInf>
<Ustrd>STRIPE</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">900.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{booked}</Sts>
<BookgDt><DtTm>2026-11-02T09:00:00+01:00</DtTm></BookgDt><AddtlNtryInf>Rent</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{pending}</Sts>
<BookgDt><Dt>2026-11-04</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
CAMT_02 = CAMT.format(version="02", booked="BOOK", pending="PDNG").encode()
CAMT_08 = CAMT.format(version="08", booked="<Cd>BOOK</Cd>", pending="<Cd>PDNG</Cd>").encode()
BOMB = b"""<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>&b;</BkToCstmrStmt>
</Document>"""
