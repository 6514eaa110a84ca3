// Starts the parts of Wagtail's admin that it starts by inline scripts, which our policy refuses.
// A marker beside a part says what to start; Stimulus finds it, in pages and in modals alike.

const CHOOSERS = ["initDateChooser", "initDateTimeChooser", "initTimeChooser"];
const PANELS = ["InlinePanel", "MultipleChooserPanel"];
const WIDGET = /^\w*Chooser$/;

// Only what is named here can be started, whatever a marker says.
const START = {
  chooser: ({ chooser, id, options }) => CHOOSERS.includes(chooser) && window[chooser](id, options),
  panel: ({ panel, options }) => PANELS.includes(panel) && new window[panel](options),
  widget: ({ widget, id, options }) => WIDGET.test(widget) && new window[widget](id, options),
  task: ({ task }) => window.createTaskChooser(task),
  formset: ({ formset, child }) =>
    new window.InlinePanel({ formsetPrefix: formset, emptyChildFormPrefix: child, canOrder: true }),
  query({ query, url }) {
    const field = document.getElementById(query);
    document.getElementById(`${query}-chooser`).addEventListener("click", () =>
      window.ModalWorkflow({
        url,
        onload: window.QUERY_CHOOSER_MODAL_ONLOAD_HANDLERS,
        responses: { queryChosen: (chosen) => { field.value = chosen.querystring; } },
      }));
  },
};

class PortalStart extends window.StimulusModule.Controller {
  connect() {
    const said = {};
    for (const { name, value } of this.element.attributes) {
      const key = /^data-portal-start-(\w+)-value$/.exec(name)?.[1];
      if (key) said[key] = key === "options" ? JSON.parse(value) : value;
    }
    // Once: a part that is moved about the page is connected again.
    this.element.remove();
    for (const kind of Object.keys(START)) if (kind in said) START[kind](said);
  }
}

window.wagtail.app.register("portal-start", PortalStart);

// The picture cropper would try for touch with an inline handler; the browser knows without.
window.jQuery(() => {
  const { Jcrop } = window.jQuery;
  if (Jcrop) Jcrop.defaults.touchSupport = navigator.maxTouchPoints > 0;
});
