#include "aqpim/sdk/fdt.h"

#include <stddef.h>
#include <string.h>

#define MAGIC 0xd00dfeedu
#define VERSION 17u
#define HEADER_BYTES 40u

enum token { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };

/* One token of the structure block with what belongs to it. */
struct item {
    uint32_t token;
    uint32_t next;        /* offset of the token behind */
    const char* name;     /* of a node or property */
    const uint8_t* value; /* of a property */
    uint32_t bytes;
};

static uint32_t read_be32(const uint8_t* from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

uint64_t aqpim_fdt_cells(const uint8_t* value, unsigned cells) {
    return cells == 1 ? read_be32(value) : (uint64_t)read_be32(value) << 32 | read_be32(value + 4);
}

static bool lies_within(uint32_t offset, uint32_t bytes, uint32_t total) {
    return offset <= total && bytes <= total - offset;
}

bool aqpim_fdt_open(struct aqpim_fdt* fdt, const void* blob) {
    const uint8_t* header = blob;
    if (blob == NULL || read_be32(header) != MAGIC) {
        return false;
    }
    const uint32_t total = read_be32(header + 4);
    fdt->blob = blob;
    fdt->structure = read_be32(header + 8);
    fdt->strings = read_be32(header + 12);
    fdt->strings_bytes = read_be32(header + 32);
    fdt->structure_bytes = read_be32(header + 36);
    /* 2 GiB: offsets of nodes are given out as int. */
    return total >= HEADER_BYTES && total <= INT32_MAX && read_be32(header + 24) <= VERSION &&
           read_be32(header + 20) >= VERSION && fdt->structure % 4 == 0 &&
           lies_within(fdt->structure, fdt->structure_bytes, total) &&
           lies_within(fdt->strings, fdt->strings_bytes, total);
}

/* The string at `offset` of a block, or null if it does not end there. */
static const char* read_string(const uint8_t* block, uint32_t block_bytes, uint32_t offset) {
    if (offset >= block_bytes || memchr(block + offset, 0, block_bytes - offset) == NULL) {
        return NULL;
    }
    return (const char*)block + offset;
}

static uint32_t align4(uint32_t offset) {
    return (offset + 3u) & ~3u;
}

static bool read_node_name(const struct aqpim_fdt* fdt, uint32_t offset, struct item* item) {
    item->name = read_string(fdt->blob + fdt->structure, fdt->structure_bytes, offset);
    if (item->name == NULL) {
        return false;
    }
    item->next = align4(offset + (uint32_t)strlen(item->name) + 1);
    return true;
}

static bool read_property(const struct aqpim_fdt* fdt, uint32_t offset, struct item* item) {
    const uint8_t* at = fdt->blob + fdt->structure + offset;
    if (!lies_within(offset, 8, fdt->structure_bytes)) {
        return false;
    }
    item->bytes = read_be32(at);
    item->value = at + 8;
    item->name = read_string(fdt->blob + fdt->strings, fdt->strings_bytes, read_be32(at + 4));
    item->next = align4(offset + 8 + item->bytes);
    return item->name != NULL && lies_within(offset + 8, item->bytes, fdt->structure_bytes);
}

/* Reads the item at `offset`, or the first behind it that is no NOP. False at the end and where the blob is broken. */
static bool read_item(const struct aqpim_fdt* fdt, uint32_t offset, struct item* item) {
    for (; lies_within(offset, 4, fdt->structure_bytes); offset += 4) {
        item->token = read_be32(fdt->blob + fdt->structure + offset);
        item->next = offset + 4;
        switch (item->token) {
            case NOP:
                continue;
            case END_NODE:
                return true;
            case BEGIN_NODE:
                return read_node_name(fdt, offset + 4, item);
            case PROPERTY:
                return read_property(fdt, offset + 4, item);
            default:
                return false;
        }
    }
    return false;
}

static bool matches(const char* name, const char* wanted, size_t length) {
    return strncmp(name, wanted, length) == 0 &&
           (name[length] == 0 || (name[length] == '@' && memchr(wanted, '@', length) == NULL));
}

static int find_child(const struct aqpim_fdt* fdt, int node, const char* wanted, size_t length) {
    struct item item;
    unsigned depth = 0; /* below `node` */
    for (uint32_t at = (uint32_t)node; read_item(fdt, at, &item); at = item.next) {
        if (item.token == BEGIN_NODE) {
            if (depth == 1 && matches(item.name, wanted, length)) {
                return (int)at;
            }
            depth++;
        } else if (item.token == END_NODE && --depth == 0) {
            break;
        }
    }
    return AQPIM_FDT_NONE;
}

int aqpim_fdt_find(const struct aqpim_fdt* fdt, const char* path) {
    int node = 0;
    while (node != AQPIM_FDT_NONE && *path != 0) {
        const size_t length = strcspn(path, "/");
        if (length > 0) {
            node = find_child(fdt, node, path, length);
        }
        path += length + (path[length] == '/');
    }
    return node;
}

const uint8_t* aqpim_fdt_property(const struct aqpim_fdt* fdt, int node, const char* name, uint32_t* bytes) {
    struct item item;
    if (node < 0 || !read_item(fdt, (uint32_t)node, &item) || item.token != BEGIN_NODE) {
        return NULL;
    }
    while (read_item(fdt, item.next, &item) && item.token == PROPERTY) {
        if (strcmp(item.name, name) == 0) {
            *bytes = item.bytes;
            return item.value;
        }
    }
    return NULL;
}

static bool list_has(const uint8_t* list, uint32_t bytes, const char* wanted) {
    const uint32_t wanted_bytes = (uint32_t)strlen(wanted) + 1;
    uint32_t start = 0;
    for (uint32_t end = 0; end < bytes; end++) {
        if (list[end] == 0) {
            if (end + 1 - start == wanted_bytes && memcmp(list + start, wanted, wanted_bytes) == 0) {
                return true;
            }
            start = end + 1;
        }
    }
    return false;
}

int aqpim_fdt_find_compatible(const struct aqpim_fdt* fdt, const char* compatible, int after) {
    struct item item;
    for (uint32_t at = 0; read_item(fdt, at, &item); at = item.next) {
        uint32_t bytes;
        if (item.token != BEGIN_NODE || (int)at <= after) {
            continue;
        }
        const uint8_t* list = aqpim_fdt_property(fdt, (int)at, "compatible", &bytes);
        if (list != NULL && list_has(list, bytes, compatible)) {
            return (int)at;
        }
    }
    return AQPIM_FDT_NONE;
}

bool aqpim_fdt_range(const struct aqpim_fdt* fdt, int node, const char* name, unsigned index,
                     struct aqpim_range* range) {
    uint32_t bytes;
    const uint8_t* value = aqpim_fdt_property(fdt, node, name, &bytes);
    if (value == NULL || bytes / 16 <= index) {
        return false;
    }
    range->base = aqpim_fdt_cells(value + 16 * index, 2);
    range->size = aqpim_fdt_cells(value + 16 * index + 8, 2);
    return true;
}
