/**
 * The choices of a view, kept in the URL's hash so that the view can be shared. A field is {name, default (a text),
 * allows(text)}; what differs from the default is in the hash. What the hash says wrongly is as if it were not there.
 */
export function parseHash(hash, fields) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const values = {};
    for (const field of fields) {
        const text = given.get(field.name);
        values[field.name] = text !== null && field.allows(text) ? text : field.default;
    }
    return values;
}

/** The hash of these values, without "#"; empty where all are the defaults. */
export function formatHash(values, fields) {
    const given = new URLSearchParams();
    for (const field of fields) {
        if (values[field.name] !== field.default) {
            given.set(field.name, values[field.name]);
        }
    }
    return given.toString();
}

/** Lists of figures or indices in one field. */
export const splitList = (text) => (text === "" ? [] : text.split(","));
export const joinList = (items) => items.join(",");

/** Holds the values; tells its listeners of each change, also when the hash was edited by hand. */
export class ViewState {
    #fields;
    #values;
    #listeners = [];

    constructor(fields) {
        this.#fields = fields;
        this.#values = parseHash(location.hash, fields);
        addEventListener("hashchange", () => {
            this.#values = parseHash(location.hash, fields);
            this.#tell();
        });
    }

    get(name) {
        return this.#values[name];
    }

    set(changes) {
        Object.assign(this.#values, changes);
        const hash = formatHash(this.#values, this.#fields);
        history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
        this.#tell();
    }

    onChange(listener) {
        this.#listeners.push(listener);
    }

    #tell() {
        this.#listeners.forEach((listener) => listener());
    }
}
