/* How data lies in the PIM memory. Shared by firmware and models.
 *
 * Addresses, from the most significant field: row, column, bank in channel, channel, byte of the 32 B burst. So a
 * contiguous range visits every channel, then every bank, before it comes to the next column; `AQPIM_COLUMN_SET` bytes
 * hold one column of every bank. All objects start at a whole column set and are named by their first column
 * ("column index" = row * columns per row + column), the same in every bank.
 *
 * KV head h of those served together owns the channel group h: `group_channels` channels from h * group_channels. Its
 * banks are numbered g = channel in group * banks per channel + bank in channel. Subvector i of element e (a token's
 * vector) lies, for m <= banks, in the bank g = (e % splits) * m + i as local element e / splits, where splits =
 * banks / m: every bank holds one subvector's share of the tokens. For m > banks (splits = 1), bank g holds the
 * subvectors g, g + banks, ... ("slots"), whose columns alternate, so that an object may grow. */
#ifndef AQPIM_PIM_LAYOUT_H
#define AQPIM_PIM_LAYOUT_H

#include <stdint.h>

#define AQPIM_BURST_BYTES 32u

struct aqpim_layout {
    uint32_t channels;          /* of the whole PIM memory */
    uint32_t banks_per_channel; /* over all pseudo-channels and ranks */
    uint32_t group_channels;    /* channels of one KV head */
    uint32_t groups;            /* KV heads served together */
    uint32_t banks;             /* of one group */
    uint32_t splits;            /* banks that share a subvector's tokens */
    uint32_t slots;             /* subvectors in one bank */
    uint32_t subvector_bytes;   /* fp16 */
};

static inline uint32_t aqpim_ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

/* Channels of each KV head when `kv_heads` share the memory; more heads than channels are served in several sets. */
static inline uint32_t aqpim_group_channels(uint32_t channels, uint32_t kv_heads) {
    return kv_heads < channels ? channels / kv_heads : 1;
}

static inline struct aqpim_layout aqpim_make_layout(uint32_t channels, uint32_t banks_per_channel,
                                                    uint32_t group_channels, uint32_t subvectors, uint32_t head_dim) {
    struct aqpim_layout l;
    l.channels = channels;
    l.banks_per_channel = banks_per_channel;
    l.group_channels = group_channels;
    l.groups = channels / group_channels;
    l.banks = l.group_channels * banks_per_channel;
    l.splits = l.banks >= subvectors ? l.banks / subvectors : 1;
    l.slots = aqpim_ceil_div(subvectors, l.banks);
    l.subvector_bytes = head_dim / subvectors * 2;
    return l;
}

/* Bytes of one column in every bank. */
static inline uint32_t aqpim_column_set_bytes(const struct aqpim_layout* l) {
    return l->channels * l->banks_per_channel * AQPIM_BURST_BYTES;
}

static inline uint32_t aqpim_columns_for(uint32_t bytes) { return aqpim_ceil_div(bytes, AQPIM_BURST_BYTES); }

/* Columns per bank (all slots) that `elements` vectors take. */
static inline uint32_t aqpim_vector_columns(const struct aqpim_layout* l, uint32_t elements) {
    return l->slots * aqpim_columns_for(aqpim_ceil_div(elements, l->splits) * l->subvector_bytes);
}

/* Packed codes: 32 B hold as many as fit whole (28 of 9 bits). */
static inline uint32_t aqpim_code_bits(uint32_t centroids) {
    uint32_t bits = 1;
    while ((1u << bits) < centroids) {
        bits++;
    }
    return bits;
}

static inline uint32_t aqpim_codes_per_column(uint32_t centroids) {
    return AQPIM_BURST_BYTES * 8 / aqpim_code_bits(centroids);
}

static inline uint32_t aqpim_code_columns(const struct aqpim_layout* l, uint32_t elements, uint32_t centroids) {
    return l->slots * aqpim_ceil_div(aqpim_ceil_div(elements, l->splits), aqpim_codes_per_column(centroids));
}

/* The codebook is kept once: centroid c of subvector i in split c % splits, as an element. */
static inline uint32_t aqpim_codebook_columns(const struct aqpim_layout* l, uint32_t centroids) {
    return aqpim_vector_columns(l, centroids);
}

/* One fp16 value for each centroid: a table of inner products, or of attention weight per centroid. Rounded up to a power
 * of two, so that no table crosses a row. */
static inline uint32_t aqpim_table_columns(const struct aqpim_layout* l, uint32_t centroids) {
    uint32_t columns = 1;
    while (columns < aqpim_columns_for(centroids * 2)) {
        columns *= 2;
    }
    return l->slots * columns;
}

/* Working space, reused by each command: a copy of the whole codebook in every bank and the banks' own weights. */
static inline uint32_t aqpim_cluster_scratch_columns(const struct aqpim_layout* l, uint32_t elements,
                                                     uint32_t centroids) {
    return l->slots * (aqpim_columns_for(centroids * l->subvector_bytes) +
                       aqpim_columns_for(aqpim_ceil_div(elements, l->splits) * 2));
}

static inline uint32_t aqpim_append_scratch_columns(const struct aqpim_layout* l, uint32_t centroids) {
    return aqpim_cluster_scratch_columns(l, l->splits, centroids);
}

/* The table of inner products (or of weight per centroid), a copy of the value codebook by dimension, and the banks' own
 * attention weights. Starts at a whole row, so that a table of up to 512 entries lies in one. */
static inline uint32_t aqpim_attend_scratch_columns(const struct aqpim_layout* l, uint32_t coded, uint32_t centroids) {
    return aqpim_table_columns(l, centroids) * (1 + l->subvector_bytes / 2) +
           l->slots * aqpim_columns_for(aqpim_ceil_div(coded, l->splits) * 2);
}

/* Address of byte `byte` of bank `bank` (group numbering) of group `group`, counted within a bank from column `column`. */
static inline uint64_t aqpim_bank_address(const struct aqpim_layout* l, uint32_t group, uint32_t bank, uint64_t column,
                                          uint64_t byte) {
    const uint64_t channel = group * l->group_channels + bank / l->banks_per_channel;
    const uint64_t bank_in_channel = bank % l->banks_per_channel;
    return (((column + byte / AQPIM_BURST_BYTES) * l->banks_per_channel + bank_in_channel) * l->channels + channel) *
               AQPIM_BURST_BYTES +
           byte % AQPIM_BURST_BYTES;
}

/* The column of an object in which column `column` of subvector i's share lies. */
static inline uint64_t aqpim_slot_column(const struct aqpim_layout* l, uint32_t i, uint64_t column) {
    return column * l->slots + i / l->banks;
}

/* Bank (group numbering) of subvector `i` of element `e`. */
static inline uint32_t aqpim_element_bank(const struct aqpim_layout* l, uint32_t subvectors, uint32_t i, uint32_t e) {
    return l->slots == 1 ? (e % l->splits) * subvectors + i : i % l->banks;
}

#endif
