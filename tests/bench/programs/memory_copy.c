/* Copies of 64 KiB by 64-bit words, unrolled as a library's memcpy. */
#include <stdint.h>

enum { words = 8192 };
static uint64_t from[words];
static uint64_t to[words];

void work(uint64_t repetitions)
{
    for (uint64_t i = 0; i < repetitions; ++i) {
        from[i % words] = i;
        for (uint64_t *source = from, *target = to; source != from + words; source += 8, target += 8) {
            const uint64_t a = source[0], b = source[1], c = source[2], d = source[3];
            const uint64_t e = source[4], f = source[5], g = source[6], h = source[7];
            target[0] = a;
            target[1] = b;
            target[2] = c;
            target[3] = d;
            target[4] = e;
            target[5] = f;
            target[6] = g;
            target[7] = h;
        }
        __asm__ volatile("" ::: "memory");
    }
}
