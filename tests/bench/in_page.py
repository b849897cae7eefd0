"""A stopwatch inside the page: from outside, Playwright looks only every half second in the end."""

import json

from playwright.sync_api import Locator, Page

# A frame that has it is on the screen when the message arrives that was sent while it was made.
PAINTED = """
const isShown = (selector) => Array.from(document.querySelectorAll(selector))
    .some((each) => each.getClientRects().length);
const painted = (isThere) => new Promise((done, failed) => {
    const late = performance.now() + 30000;
    const look = () => {
        if (performance.now() > late) return failed(new Error("not there: " + isThere));
        if (!isThere()) return requestAnimationFrame(look);
        const frame = new MessageChannel();
        frame.port1.onmessage = () => done(performance.now());
        frame.port2.postMessage(0);
    };
    requestAnimationFrame(look);
});
"""
LOADING = """(() => {
    %s
    const times = window.paintedAt = {};
    for (const [name, selector] of Object.entries(%s)) {
        times[name] = painted(() => isShown(selector));
        times[name].catch(() => {});  // the other pages' parts never come
    }
})()"""
CLICKED = """async (link, complete) => {
    %s
    const begun = performance.now();
    const isNew = () => {
        const heading = document.querySelector("main h1");
        return heading && heading.textContent === link.textContent && isShown("main .panel");
    };
    const shown = painted(isNew);
    const whole = painted(() => isNew() && isShown(complete));
    link.click();
    return [await shown - begun, await whole - begun];
}"""


def time_each_load(page: Page, **selectors: str) -> None:
    """Take at every further load the time of what is named by selectors."""
    page.add_init_script(LOADING % (PAINTED, json.dumps(selectors)))


def painted(page: Page, name: str) -> float:
    """Return the milliseconds from the begin of the load until it was on the screen."""
    return float(page.evaluate("(name) => window.paintedAt[name]", name))


def follow(link: Locator, complete: str) -> tuple[float, float]:
    """Click; return the milliseconds until the page was painted, and until it was complete."""
    shown, whole = link.evaluate(CLICKED % PAINTED, complete)
    return shown, whole
