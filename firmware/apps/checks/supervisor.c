/* Runs on in supervisor mode, translated by Sv39, at other addresses than its own. */
#include <stdint.h>
#include <stdio.h>

#include "aqpim/sdk/finisher.h"

#define HIGH_HALF 0xffffffc000000000u
#define PAGE_BYTES 4096u

/* Privileged Architecture 1.12, figure 4.21: V, R, W, X, A and D; a leaf of the root table is a gigapage. */
enum { POINTER = 0x01, LEAF = 0xcf, FIRST_HIGH = 256, ENTRIES = 512 };

static _Alignas(PAGE_BYTES) uint64_t root[ENTRIES];
static _Alignas(PAGE_BYTES) uint64_t middle[ENTRIES];
static _Alignas(PAGE_BYTES) uint64_t last[ENTRIES];
static _Alignas(PAGE_BYTES) volatile uint64_t page[PAGE_BYTES / sizeof(uint64_t)];

static uint64_t entry(uint64_t physical, uint64_t flags) {
    return physical >> 12 << 10 | flags;
}

/* The lowest 4 GiB are where they are, and again in the high half, but for its first GiB: that has `page`, first. */
static void make_page_tables(void) {
    for (uint64_t gigabyte = 0; gigabyte < 4; gigabyte++) {
        root[gigabyte] = entry(gigabyte << 30, LEAF);
        root[FIRST_HIGH + gigabyte] = root[gigabyte];
    }
    root[FIRST_HIGH] = entry((uintptr_t)middle, POINTER);
    middle[0] = entry((uintptr_t)last, POINTER);
    last[0] = entry((uintptr_t)page, LEAF);
}

static void supervise(void) {
    volatile uint64_t* const mapped = (volatile uint64_t*)HIGH_HALF;
    mapped[1] = mapped[0] + 1;
    aqpim_exit(page[1] == 42 ? 0 : 1);
}

static void enter_supervisor_mode(uint64_t address) {
    __asm__ volatile(
        "csrw pmpaddr0, %[all]\n"
        "csrw pmpcfg0, %[open]\n"
        "csrw satp, %[satp]\n"
        "sfence.vma\n"
        "csrc mstatus, %[mpp]\n"
        "csrs mstatus, %[supervisor]\n"
        "csrw mepc, %[address]\n"
        "mret\n"
        :
        : [all] "r"(-1ul), [open] "r"(0x1ful), [satp] "r"(8ul << 60 | (uintptr_t)root >> 12), [mpp] "r"(3ul << 11),
          [supervisor] "r"(1ul << 11), [address] "r"(address)
        : "memory");
}

int main(void) {
    page[0] = 41;
    make_page_tables();
    enter_supervisor_mode((uintptr_t)supervise + HIGH_HALF);
    return 2;
}
