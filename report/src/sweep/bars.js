/** More bars than these are not drawn: nobody could read them. */
export const most_bars = 60;

const bar_px = 30;
const letter_px = 7;

export const barsHeight = (count) => 50 + bar_px * count;

/** The axis of horizontal bars, first on top; their labels take at most two fifths of the width, in two lines. */
export function barLabels(labels, width) {
    const longest_px = Math.max(...labels.map(({ length }) => length)) * letter_px;
    const most_px = Math.min(320, width * 0.4);
    return {
        type: "category",
        data: labels,
        inverse: true,
        axisTick: { show: false },
        axisLabel: {
            interval: 0,
            hideOverlap: false,
            fontSize: 12,
            lineHeight: 13,
            ...(longest_px > most_px ? { width: most_px, overflow: "break" } : {}),
        },
    };
}

/** What is said below when bars were left out; null if none was. */
export const shortened = (count) =>
    count > most_bars
        ? `The first ${most_bars} of ${count} points in the table's order; the table of figures has all.`
        : null;
