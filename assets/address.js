/* The address: another one makes the page anew, but not what a page itself writes into its own. */
(function () {
  "use strict";

  const OWN = { "/scanner": ["show"] }; // words that open something on the page that is there
  const shown = { path: null, query: "" };
  let left = null; // the address of the page that is there until the next one comes

  function keep() { // the page that is there stays, whatever its address says now
    Object.assign(shown, { path: location.pathname, query: location.search });
    return { ...shown };
  }

  function withoutOwn(query) {
    const words = new URLSearchParams(query);
    (OWN[location.pathname] || []).forEach((word) => words.delete(word));
    words.sort();
    return words.toString();
  }

  function follow() { // a link, or the way back
    const isSame = shown.path === location.pathname && withoutOwn(shown.query) === withoutOwn(location.search);
    const before = { ...shown };
    const address = keep();
    if (isSame) return;
    left = left || before;
    dash_clientside.set_props("shell-address", { data: address });
  }

  function stay() { // the desk refused the page: what is there is still that of the address before
    if (!left) return;
    Object.assign(shown, left);
    left = null;
    history.replaceState(history.state, "", shown.path + shown.query);
    dispatchEvent(new CustomEvent("_dashprivate_pushstate")); // for the navigation's marks
  }

  function begin() {
    const page = document.getElementById("shell-page");
    new MutationObserver(() => { left = null; }).observe(page, { childList: true });
    return keep();
  }

  function write(href) { // as Dash's own links do: the feed and its picture stay
    history.pushState({}, "", href);
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function goTo(href) {
    write(href);
    scrollTo(0, 0);
  }

  /* Keep a page's filters in its address, so that it can be shared. Returns whether they changed. */
  function keepInAddress(words) {
    if (left) return false; // these are the words of the page before
    const query = new URLSearchParams(Object.entries(words).filter(([, value]) => value && value !== "any"));
    const search = query.toString() ? "?" + query : "";
    const before = new URLSearchParams(location.search);
    before.sort();
    const after = new URLSearchParams(query);
    after.sort();
    if (before.toString() === after.toString()) return false;
    history.replaceState(history.state, "", location.pathname + search);
    keep();
    return true;
  }

  async function goBy(href) { // to a place that the desk knows: without a new page the feed stays
    const here = location.href;
    const answer = await fetch(href, { headers: { Accept: "application/json" } }).catch(() => null);
    if (location.href !== here) return; // somebody has gone elsewhere meanwhile
    if (answer && answer.ok) goTo((await answer.json()).to);
    else location.assign(href); // there it is said what is wrong
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a.inside, a[href^="/go/"]');
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!link || elsewhere) return;
    event.preventDefault();
    const href = link.getAttribute("href");
    if (href.startsWith("/go/")) goBy(href);
    else goTo(href);
  });
  addEventListener("popstate", follow);
  addEventListener("_dashprivate_pushstate", follow);

  window.desk = Object.assign(window.desk || {}, { goTo, writeAddress: write, stay, keepInAddress });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.address = { begin };
})();
