// What scrolls to the side can be reached by the keyboard: the theme wraps tables when a page is shown.
const makeReachable = () => {
  for (const part of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex]), .md-typeset pre > code:not([tabindex])")) {
    part.tabIndex = 0;
  }
};
new MutationObserver(makeReachable).observe(document.body, { childList: true, subtree: true });
makeReachable();
