"""A file for another program as an answer: the page and the API give out the same."""

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

from payments.exporting.programs import Prepared, zipped


def file_response(prepared: Prepared) -> HttpResponseBase:
    """One CSV line by line, or the archive of several."""
    if len(prepared.parts) > 1:
        return FileResponse(
            zipped(prepared),
            as_attachment=True,
            filename=prepared.filename,
            content_type="application/zip",
        )
    response = StreamingHttpResponse(prepared.parts[0], content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{prepared.filename}"'
    return response
