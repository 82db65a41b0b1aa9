/* How the batch is divided among the banks: waves of sequences, sets of KV heads. */
#ifndef AQPIM_APP_WAVE_H
#define AQPIM_APP_WAVE_H

#include "run.h"

/* Divides the first `batch` sequences, with prompts cut to `longest` tokens, into waves: as many sequences as there are
 * groups of banks, the rest in the last wave. False if there are more waves, head sets or objects than tables hold. */
bool make_waves(struct run* run, uint32_t batch, uint32_t longest);

struct head_set head_set(const struct run* run, const struct wave* wave, uint32_t index);
struct aqpim_pim_shape shape_of(const struct run* run, const struct wave* wave, const struct head_set* set);
/* Of uncompressed tokens. */
struct tensor_parts parts_of(const struct run* run, const struct wave* wave, int tensor);
/* Columns of each part with `elements` vectors. */
uint32_t part_columns(const struct tensor_parts* parts, uint32_t elements);
/* Columns of all parts of a wave's uncompressed tokens. */
uint32_t uncoded_columns(const struct run* run, const struct wave* wave, int tensor);
/* Pages that hold the codes of `elements` elements. */
uint32_t code_page_count(const struct run* run, const struct wave* wave, uint32_t elements);

#endif
