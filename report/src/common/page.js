import "./style.css";
import { element } from "./dom.js";

/** What the program wrote into the page; null if that is missing or no JSON. */
export function readData() {
    try {
        return JSON.parse(document.getElementById("data").textContent);
    } catch {
        return null;
    }
}

/** The page's heading with `lines` (texts or nodes) below it. */
export function showHeader(title, lines) {
    document.title = `${title} - aqpim-vp`;
    const header = document.getElementById("header");
    header.replaceChildren(element("h1", {}, title), ...lines.map((line) => element("p", { class: "faint" }, line)));
}

/**
 * A section with its heading of level 2, appended to the page, and its entry in the list of sections. Children that are
 * null are left out; without any other child there is no section.
 */
export function addSection(id, title, ...children) {
    const shown = children.flat(Infinity).filter((child) => child !== null && child !== undefined);
    if (shown.length === 0) {
        return null;
    }
    const heading = `${id}-heading`;
    const section = element("section", { id, "aria-labelledby": heading }, element("h2", { id: heading }, title), shown);
    document.getElementById("main").append(section);
    const contents = document.getElementById("contents");
    contents.append(element("a", { href: `#${id}` }, title));
    contents.hidden = false;
    return section;
}

/** A message in place of the page's contents. */
export function showFailure(message) {
    showHeader("No figures", []);
    document.getElementById("main").replaceChildren(element("p", { role: "alert" }, message));
}
