/* Reads a flattened device tree (Devicetree Specification 0.4, chapter 5). Never reads outside the blob, whatever it
 * holds. A node is the offset of its first token. */
#ifndef AQPIM_SDK_FDT_H
#define AQPIM_SDK_FDT_H

#include <stdbool.h>
#include <stdint.h>

struct aqpim_fdt {
    const uint8_t* blob;
    uint32_t structure; /* offsets and sizes of the two blocks */
    uint32_t structure_bytes;
    uint32_t strings;
    uint32_t strings_bytes;
};

struct aqpim_range {
    uint64_t base;
    uint64_t size;
};

#define AQPIM_FDT_NONE (-1)

/* False if this is no device tree of version 17, or its blocks do not lie within it. */
bool aqpim_fdt_open(struct aqpim_fdt* fdt, const void* blob);

/* The node of a path ("/soc/serial@10000000"; a name without a unit address finds the first with any), or
 * AQPIM_FDT_NONE. */
int aqpim_fdt_find(const struct aqpim_fdt* fdt, const char* path);

/* The next node behind `after` (AQPIM_FDT_NONE: from the start) with this string among its `compatible` ones. */
int aqpim_fdt_find_compatible(const struct aqpim_fdt* fdt, const char* compatible, int after);

/* A property's value, or null. */
const uint8_t* aqpim_fdt_property(const struct aqpim_fdt* fdt, int node, const char* name, uint32_t* bytes);

/* The number in `cells` (1 or 2) big-endian 32-bit cells. */
uint64_t aqpim_fdt_cells(const uint8_t* value, unsigned cells);

/* Entry `index` of a property of (address, size) pairs of two cells each, as `reg` is on `virt`. */
bool aqpim_fdt_range(const struct aqpim_fdt* fdt, int node, const char* name, unsigned index,
                     struct aqpim_range* range);

#endif
