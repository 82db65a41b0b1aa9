#include "aqpim/sdk/format.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
    uint64_t size;
    const char* name;
};

/* `value` in the largest of `units` (ascending, the first of size 1) that it reaches, with three decimals. */
static struct aqpim_text format(uint64_t value, const struct unit* units, unsigned count) {
    struct aqpim_text out;
    unsigned best = 0;
    while (best + 1 < count && value >= units[best + 1].size) {
        best++;
    }
    const uint64_t size = units[best].size;
    if (size == 1) {
        snprintf(out.text, sizeof out.text, "%" PRIu64 " %s", value, units[best].name);
    } else {
        const uint64_t thousandths = value % size * 1000 / size;
        snprintf(out.text, sizeof out.text, "%" PRIu64 ".%03" PRIu64 " %s", value / size, thousandths,
                 units[best].name);
    }
    return out;
}

struct aqpim_text aqpim_format_time(uint64_t ns) {
    static const struct unit units[] = {{1, "ns"}, {1000, "us"}, {1000000, "ms"}, {1000000000, "s"}};
    return format(ns, units, sizeof units / sizeof *units);
}

struct aqpim_text aqpim_format_bytes(uint64_t bytes) {
    static const struct unit units[] = {
        {1, "B"}, {1ull << 10, "KiB"}, {1ull << 20, "MiB"}, {1ull << 30, "GiB"}, {1ull << 40, "TiB"}};
    return format(bytes, units, sizeof units / sizeof *units);
}

struct aqpim_text aqpim_format_ratio(uint64_t numerator, uint64_t denominator) {
    struct aqpim_text out = {"-"};
    if (denominator != 0) {
        const uint64_t hundredths = numerator % denominator * 100 / denominator;
        snprintf(out.text, sizeof out.text, "%" PRIu64 ".%02" PRIu64, numerator / denominator, hundredths);
    }
    return out;
}
