// Wagtail's text editor makes style elements for placeholders and nested lists, without a nonce.
// Those that scripts of this page make get the page's nonce; one that comes as markup gets none.

(() => {
  const { nonce } = document.currentScript;
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (name, options) {
    const element = create.call(this, name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
})();
