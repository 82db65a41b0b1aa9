/* memcpy and memset by words: the C library's go byte by byte, which shows when descriptors of 128 bytes are filled in.
 */
#include <stddef.h>
#include <stdint.h>

#define WORD sizeof(uint64_t)

/* May alias what is copied. */
typedef uint64_t __attribute__((may_alias)) word;

void* memcpy(void* restrict target, const void* restrict source, size_t bytes) {
    uint8_t* to = target;
    const uint8_t* from = source;
    if (((uintptr_t)to | (uintptr_t)from) % WORD == 0) {
#pragma GCC unroll 4
        for (; bytes >= WORD; bytes -= WORD, to += WORD, from += WORD) {
            *(word*)(void*)to = *(const word*)(const void*)from;
        }
    }
    while (bytes-- > 0) {
        *to++ = *from++;
    }
    return target;
}

void* memset(void* target, int value, size_t bytes) {
    uint8_t* to = target;
    if ((uintptr_t)to % WORD == 0) {
        const uint64_t pattern = (uint8_t)value * 0x0101010101010101ull;
#pragma GCC unroll 4
        for (; bytes >= WORD; bytes -= WORD, to += WORD) {
            *(word*)(void*)to = pattern;
        }
    }
    while (bytes-- > 0) {
        *to++ = (uint8_t)value;
    }
    return target;
}
