import { filterPoints, sortPoints } from "./choose.js";
import { any_value } from "./fields.js";
import { splitList } from "./view_state.js";

/** The sweep as the page's choices show it. */
export class View {
    constructor(model, state) {
        this.model = model;
        this.state = state;
    }

    /** The points that pass the filters, in the table's order. */
    shownPoints() {
        const { points, axes } = this.model;
        const wanted = axesChosen(this, "only");
        const passed = filterPoints(points, this.state.get("filter"), wanted);
        return sortPoints(passed, this.state.get("sort"), this.state.get("order") === "down", axes);
    }

    /** Those of the shown points that are chosen in the table; all where none is. */
    chosenPoints() {
        const chosen = new Set(splitList(this.state.get("chosen")).map(Number));
        const shown = this.shownPoints();
        const both = shown.filter(({ index }) => chosen.has(index));
        return both.length > 0 ? both : shown;
    }
}

/** {axis: value} of the axes whose field `KIND.AXIS` names a value. */
export function axesChosen({ model, state }, kind) {
    const chosen = model.axes.map(({ name }) => [name, state.get(`${kind}.${name}`)]);
    return Object.fromEntries(chosen.filter(([, value]) => value !== any_value));
}

export const indicesOf = (points) => points.map(({ index }) => index);
