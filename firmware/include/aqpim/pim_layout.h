/* How data lies in the PIM memory. Shared by firmware and models.
 *
 * Addresses, from the most significant field: row, column, bank in channel, channel, byte of the 32 B burst. So a
 * contiguous range visits every channel, then every bank, before it comes to the next column; aqpim_column_set_bytes()
 * hold one column of every bank. All objects start at a whole column set and are named by their first column
 * ("column index" = row * columns per row + column), the same in every bank.
 *
 * One KV head of one sequence is a unit. Those served together own a group of banks each: whole channels, or, where
 * there are more units than channels, an equal part of a channel. With banks numbered channel by channel, group g owns
 * those from g * banks on. In a command for `heads` KV heads of `sequences` sequences, head h of sequence s has group
 * h * sequences + s: head by head over the stacks, as in the paper.
 *
 * Subvector i of element e (a token's vector) lies, for m <= banks, in the group's bank (e % splits) * m + i as local
 * element e / splits, where splits = banks / m: every bank holds one subvector's share of the tokens. For m > banks
 * (splits = 1), bank g holds the subvectors g, g + banks, ... ("slots"), whose columns alternate, so that an object may
 * grow. */
#ifndef AQPIM_PIM_LAYOUT_H
#define AQPIM_PIM_LAYOUT_H

#include <stdint.h>

#define AQPIM_BURST_BYTES 32u

struct aqpim_layout {
    uint32_t channels;          /* of the whole PIM memory */
    uint32_t banks_per_channel; /* over all pseudo-channels and ranks */
    uint32_t banks;             /* of one group */
    uint32_t groups;            /* units served together */
    uint32_t splits;            /* banks that share a subvector's tokens */
    uint32_t slots;             /* subvectors in one bank */
    uint32_t subvector_bytes;   /* fp16 */
};

static inline uint32_t aqpim_ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

/* Banks of each unit's group when `units` share the memory: as many whole channels as there are for each; with fewer
 * channels than units, half, a quarter, ... of a channel, as long as its banks hold one subvector each. What does not
 * fit side by side is served one after the other. */
static inline uint32_t aqpim_group_banks(uint32_t channels, uint32_t banks_per_channel, uint32_t units,
                                         uint32_t subvectors) {
    uint32_t parts = 1;
    if (units < channels) {
        return channels / units * banks_per_channel;
    }
    while (channels * parts < units && banks_per_channel % (2 * parts) == 0 &&
           banks_per_channel / (2 * parts) >= subvectors) {
        parts *= 2;
    }
    return banks_per_channel / parts;
}

static inline struct aqpim_layout aqpim_make_layout(uint32_t channels, uint32_t banks_per_channel, uint32_t group_banks,
                                                    uint32_t subvectors, uint32_t head_dim) {
    struct aqpim_layout l;
    l.channels = channels;
    l.banks_per_channel = banks_per_channel;
    l.banks = group_banks;
    l.groups = channels * banks_per_channel / group_banks;
    l.splits = l.banks >= subvectors ? l.banks / subvectors : 1;
    l.slots = aqpim_ceil_div(subvectors, l.banks);
    l.subvector_bytes = head_dim / subvectors * 2;
    return l;
}

/* Channels over which a group is spread, and groups that share a channel. */
static inline uint32_t aqpim_channels_of_group(const struct aqpim_layout* l) {
    return aqpim_ceil_div(l->banks, l->banks_per_channel);
}
static inline uint32_t aqpim_groups_in_channel(const struct aqpim_layout* l) {
    return l->banks < l->banks_per_channel ? l->banks_per_channel / l->banks : 1;
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

/* One fp16 value for each of `entries` centroids. Rounded up to a power of two, so that no table that starts at a
 * multiple of its size crosses a row. */
static inline uint32_t aqpim_table_columns(uint32_t entries) {
    uint32_t columns = 1;
    while (columns < aqpim_columns_for(entries * 2)) {
        columns *= 2;
    }
    return columns;
}

/* A codebook: for each dimension of a subvector the table of that dimension of every centroid; the slots of a table
 * follow one another. Centroid c is kept once, in split c % splits. Without splits tables are what lookups work in: they
 * start at multiples of aqpim_codebook_alignment() columns, as the codebook does, so that none crosses a row. The shares
 * of splits, of which lookups need a copy anyway, follow one another without gaps. */
static inline uint32_t aqpim_codebook_table_bytes(const struct aqpim_layout* l, uint32_t centroids) {
    return l->splits > 1 ? aqpim_ceil_div(centroids, l->splits) * 2 : aqpim_table_columns(centroids) * AQPIM_BURST_BYTES;
}
static inline uint32_t aqpim_codebook_alignment(const struct aqpim_layout* l, uint32_t centroids) {
    return l->splits > 1 ? 1 : aqpim_table_columns(centroids);
}
static inline uint32_t aqpim_codebook_columns(const struct aqpim_layout* l, uint32_t centroids) {
    return aqpim_columns_for(l->slots * l->subvector_bytes / 2 * aqpim_codebook_table_bytes(l, centroids));
}

/* Byte, counted in its bank from a codebook's first column, of the table of dimension `dim` in slot `slot`. */
static inline uint32_t aqpim_codebook_byte(const struct aqpim_layout* l, uint32_t centroids, uint32_t slot,
                                           uint32_t dim) {
    return (dim * l->slots + slot) * aqpim_codebook_table_bytes(l, centroids);
}

/* Working space, reused by each command; starts at a whole row. Clustering: a copy of the whole codebook in every bank
 * and the banks' own weights. */
static inline uint32_t aqpim_cluster_scratch_columns(const struct aqpim_layout* l, uint32_t elements,
                                                     uint32_t centroids) {
    return l->slots * (l->subvector_bytes / 2 * aqpim_table_columns(centroids) +
                       aqpim_columns_for(aqpim_ceil_div(elements, l->splits) * 2));
}

static inline uint32_t aqpim_append_scratch_columns(const struct aqpim_layout* l, uint32_t centroids) {
    return aqpim_cluster_scratch_columns(l, l->splits, centroids);
}

/* Attention: tables of inner products for as many queries as are in work at once, and, where splits keep parts of the
 * value codebook, a copy of it in every bank. */
#define AQPIM_ATTEND_TABLES 8u
static inline uint32_t aqpim_attend_scratch_columns(const struct aqpim_layout* l, uint32_t centroids) {
    const uint32_t copies = l->splits > 1 ? l->subvector_bytes / 2 : 0;
    return l->slots * (AQPIM_ATTEND_TABLES + copies) * aqpim_table_columns(centroids);
}

/* Uniform quantization: vectors of log2(levels) bits a channel. */
static inline struct aqpim_layout aqpim_uniform_layout(const struct aqpim_layout* l, uint32_t levels) {
    struct aqpim_layout packed = *l;
    packed.subvector_bytes = l->subvector_bytes / 2 * aqpim_code_bits(levels) / 8;
    return packed;
}
static inline uint32_t aqpim_uniform_columns(const struct aqpim_layout* l, uint32_t elements, uint32_t levels) {
    const struct aqpim_layout packed = aqpim_uniform_layout(l, levels);
    return aqpim_vector_columns(&packed, elements);
}

/* Its parameters: of each channel, two vectors of fp16; of each token, a vector of one fp16 in each subvector. */
static inline struct aqpim_layout aqpim_token_parameter_layout(const struct aqpim_layout* l) {
    struct aqpim_layout scalar = *l;
    scalar.subvector_bytes = 2;
    return scalar;
}
static inline uint32_t aqpim_uniform_parameter_columns(const struct aqpim_layout* l, uint32_t elements, int per_token) {
    const struct aqpim_layout scalar = aqpim_token_parameter_layout(l);
    return per_token ? aqpim_vector_columns(&scalar, elements) : aqpim_vector_columns(l, 2);
}

/* Address of byte `byte` of bank `bank` (group numbering) of group `group`, counted within a bank from column `column`. */
static inline uint64_t aqpim_bank_address(const struct aqpim_layout* l, uint32_t group, uint32_t bank, uint64_t column,
                                          uint64_t byte) {
    const uint64_t global = (uint64_t)group * l->banks + bank;
    const uint64_t channel = global / l->banks_per_channel;
    const uint64_t bank_in_channel = global % l->banks_per_channel;
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
