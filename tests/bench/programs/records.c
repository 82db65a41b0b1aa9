/* What Dhrystone does, in our words: records linked by pointers, strings copied and compared, enumerations, calls with
 * several arguments, small arrays, a multiplication and a division. */
#include <stdint.h>

enum kind { red, green, blue };
struct record {
    struct record *next;
    enum kind kind;
    int32_t count;
    char name[32];
};

static struct record first, second;
static int32_t cells[64];
volatile int64_t result;

__attribute__((noinline)) static void copy_string(char *to, const char *from)
{
    while ((*to++ = *from++) != '\0') {
    }
}

__attribute__((noinline)) static int compare_strings(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

__attribute__((noinline)) static enum kind next_kind(enum kind kind, int32_t count)
{
    switch (kind) {
    case red:
        return count > 10 ? green : blue;
    case green:
        return blue;
    default:
        return red;
    }
}

__attribute__((noinline)) static void update(struct record *record, int32_t value)
{
    struct record *const other = record->next;
    *other = *record;
    other->next = record;
    other->kind = next_kind(record->kind, value);
    other->count = record->count * value / (1 + (value & 7));
    record->count = other->count & 0xffff;
}

__attribute__((noinline)) static int32_t fill(int32_t *cells_from, int32_t index, int32_t value)
{
    for (int32_t i = index; i < index + 8; ++i) {
        cells_from[i] = value + i;
    }
    return cells_from[index + 3] - cells_from[index];
}

void work(uint64_t repetitions)
{
    first.next = &second;
    copy_string(first.name, "a record, and its name");
    for (uint64_t i = 0; i < repetitions; ++i) {
        update(&first, (int32_t)i);
        copy_string(second.name, (i & 1) != 0 ? "a record, and its name" : "a record, and other name");
        first.count += compare_strings(first.name, second.name) > 0 ? 1 : 2;
        first.kind = next_kind(second.kind, first.count);
        first.count += fill(cells, (int32_t)(i & 31), first.count);
    }
    result = first.count;
}
