/* Which token is kept how. The first `sinks` tokens and the `recent` newest ones stay uncompressed, in slots; all
 * others have codes: token sinks + e is element e. Pure arithmetic. */
#ifndef AQPIM_APP_WINDOW_H
#define AQPIM_APP_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
    uint32_t prompt; /* tokens; at least 1 */
    uint32_t steps;  /* step s adds token prompt + s */
    uint32_t sinks;
    uint32_t recent;            /* 0: a new token is encoded at once */
    uint32_t codebook_elements; /* that share a codebook; 0: all */
};

/* `count` tokens from `first` on. */
struct token_range {
    uint32_t first;
    uint32_t count;
};

/* Tokens that get codes in the prefill. */
struct token_range window_coded(const struct window* window);

/* Tokens to make the codebooks from: the coded ones; if there are none yet but tokens are encoded later, all of the
 * prompt behind the sinks, or the whole prompt, as far as one codebook goes. Nothing if none is ever needed. */
struct token_range window_clustered(const struct window* window);

/* Codebooks that these make. While decoding there come no more: a new one would be a copy of the last, since centroids
 * do not move. */
uint32_t window_codebooks(const struct window* window);

/* Elements for which there must be room for codes in the end. */
uint32_t window_code_elements(const struct window* window);

/* Slots of uncompressed tokens: token t < sinks has slot t, and those of the recent window take turns in the others. */
uint32_t window_slots(const struct window* window);

/* Tokens that the prefill puts into the slots 0 ... and sinks ... */
struct token_range window_prompt_sinks(const struct window* window);
struct token_range window_prompt_recent(const struct window* window);

/* What happens when a step's token comes in. */
struct token_place {
    uint32_t slot;    /* where it is put; AQPIM_PIM_NONE: it is encoded itself */
    uint32_t element; /* what is encoded: the slot's old token, or the new one; AQPIM_PIM_NONE: nothing */
    uint32_t coded;   /* elements that attention then sees */
    uint32_t uncoded; /* and slots, from 0 */
};
struct token_place window_step(const struct window* window, uint32_t step);

#endif
