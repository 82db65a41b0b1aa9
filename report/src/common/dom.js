/**
 * Makes an element. `attributes`: texts; true sets an empty attribute, false, null and undefined none; `on` is
 * {event: listener}. Children are nodes, texts, lists of them, or null for none.
 */
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === "on") {
            Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
        } else if (value !== false && value !== null && value !== undefined) {
            made.setAttribute(name, value === true ? "" : value);
        }
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return made;
}

let ids = 0;

/** An id that no other element of the page has. */
export function freshId(prefix) {
    ids += 1;
    return `${prefix}-${ids}`;
}
