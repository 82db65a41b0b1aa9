#include "window.h"

#include "aqpim/pim.h"

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}
static uint32_t less(uint32_t a, uint32_t b) {
    return a > b ? a - b : 0;
}

/* Elements with codes once the sequence has `tokens` tokens. */
static uint32_t coded_of(const struct window* window, uint32_t tokens) {
    return less(tokens, window_slots(window));
}

/* The token in slot `sinks` after the prefill, or that will be the first there. */
static uint32_t origin(const struct window* window) {
    return max(window->sinks, less(window->prompt, window->recent));
}

struct token_range window_coded(const struct window* window) {
    return (struct token_range){window->sinks, coded_of(window, window->prompt)};
}

struct token_range window_clustered(const struct window* window) {
    const struct token_range coded = window_coded(window);
    if (coded.count > 0 || coded_of(window, window->prompt + window->steps) == 0) {
        return coded;
    }
    const uint32_t first = window->prompt > window->sinks ? window->sinks : 0;
    const uint32_t most = window->codebook_elements == 0 ? UINT32_MAX : window->codebook_elements;
    return (struct token_range){first, min(window->prompt - first, most)};
}

uint32_t window_codebooks(const struct window* window) {
    const uint32_t clustered = window_clustered(window).count;
    const uint32_t each = window->codebook_elements == 0 ? clustered : window->codebook_elements;
    return clustered == 0 ? 0 : (clustered - 1) / each + 1;
}

uint32_t window_code_elements(const struct window* window) {
    return max(coded_of(window, window->prompt + window->steps), window_clustered(window).count);
}

uint32_t window_slots(const struct window* window) {
    return window->sinks + window->recent;
}

struct token_range window_prompt_sinks(const struct window* window) {
    return (struct token_range){0, min(window->sinks, window->prompt)};
}

struct token_range window_prompt_recent(const struct window* window) {
    return (struct token_range){origin(window), less(window->prompt, origin(window))};
}

struct token_place window_step(const struct window* window, uint32_t step) {
    const uint32_t token = window->prompt + step;
    const uint32_t coded = coded_of(window, token + 1);
    struct token_place result = {
        .slot = token,
        .element = AQPIM_PIM_NONE,
        .coded = coded,
        .uncoded = min(token + 1, window_slots(window)),
    };
    if (token >= window->sinks) {
        result.slot = window->recent == 0 ? AQPIM_PIM_NONE : window->sinks + (token - origin(window)) % window->recent;
    }
    if (coded > coded_of(window, token)) {
        result.element = coded - 1;
    }
    return result;
}
