/* Times, sizes and ratios as text, without floating point. Used as printf("%s", aqpim_format_time(ns).text). */
#ifndef AQPIM_SDK_FORMAT_H
#define AQPIM_SDK_FORMAT_H

#include <stdint.h>

struct aqpim_text {
    char text[48];
};

/* "12.345 ms" */
struct aqpim_text aqpim_format_time(uint64_t ns);

/* "1.500 MiB" */
struct aqpim_text aqpim_format_bytes(uint64_t bytes);

/* "6.36"; "-" when the denominator is zero. It must be below 2^57. */
struct aqpim_text aqpim_format_ratio(uint64_t numerator, uint64_t denominator);

#endif
