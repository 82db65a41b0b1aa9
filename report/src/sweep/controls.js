import { element, freshId } from "../common/dom.js";

const option = ([value, text]) => element("option", { value }, text);
const optionOrGroup = (entry) =>
    Array.isArray(entry) ? option(entry) : element("optgroup", { label: entry.label }, entry.options.map(option));

/** A list to choose from with its label, bound to the field `name`. `options`: [value, text] or {label, options}. */
export function selectControl(state, name, label, options) {
    const id = freshId("select");
    const select = element("select", { id }, options.map(optionOrGroup));
    const show = () => (select.value = state.get(name));
    select.addEventListener("change", () => state.set({ [name]: select.value }));
    state.onChange(show);
    show();
    return element("span", { class: "control" }, element("label", { for: id }, label), select);
}

/** A field for text with its label, bound to the field `name`. */
export function searchControl(state, name, label) {
    const id = freshId("search");
    const input = element("input", { id, type: "search", autocomplete: "off" });
    const show = () => {
        if (input.value !== state.get(name)) {
            input.value = state.get(name);
        }
    };
    input.addEventListener("input", () => state.set({ [name]: input.value }));
    state.onChange(show);
    show();
    return element("span", { class: "control" }, element("label", { for: id }, label), input);
}

export function button(text, listener) {
    return element("button", { type: "button", on: { click: listener } }, text);
}

/** A row of controls that belong together. */
export function controlGroup(label, ...controls) {
    return element("div", { class: "controls", role: "group", "aria-label": label }, controls);
}

/**
 * A place whose contents `build()` makes again whenever `inputs()` (anything that JSON can hold) says something else than
 * the last time. What was unfolded in it stays so.
 */
export function livePlace(state, inputs, build) {
    const place = element("div", {});
    let last = null;
    const update = () => {
        const now = JSON.stringify(inputs());
        if (now === last) {
            return;
        }
        last = now;
        const open = [...place.querySelectorAll("details")].map((details) => details.open);
        place.replaceChildren(...[build()].flat());
        place.querySelectorAll("details").forEach((details, i) => (details.open = open[i] ?? false));
    };
    state.onChange(update);
    update();
    return place;
}
