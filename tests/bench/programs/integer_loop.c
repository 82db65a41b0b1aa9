/* Integer arithmetic, table look-ups, data-dependent branches and calls: CRC-32 of random words by bits and by table,
 * and Collatz sequences. */
#include <stdint.h>

static uint32_t table[256];
volatile uint64_t result;

static uint32_t crc_by_bits(uint32_t crc)
{
    for (int bit = 0; bit < 8; ++bit) {
        crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return crc;
}

static uint32_t crc_by_table(uint32_t crc, uint64_t word)
{
    for (int byte = 0; byte < 8; ++byte) {
        crc = crc >> 8 ^ table[(crc ^ word) & 0xff];
        word >>= 8;
    }
    return crc;
}

__attribute__((noinline)) static uint32_t collatz_steps(uint64_t n)
{
    uint32_t steps = 0;
    while (n != 1) {
        n = (n & 1) != 0 ? 3 * n + 1 : n / 2;
        ++steps;
    }
    return steps;
}

void work(uint64_t repetitions)
{
    for (uint32_t i = 0; i < 256; ++i) {
        table[i] = crc_by_bits(i);
    }
    uint64_t random = 0x9e3779b97f4a7c15u;
    uint32_t crc = ~0u;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < repetitions; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        crc = crc_by_table(crc, random);
        crc = crc_by_bits(crc ^ (uint32_t)random);
        sum += collatz_steps((random & 0xffff) + 1) + crc;
    }
    result = sum;
}
