# Entry: a0 = hart id, a1 = the device tree's address, as on QEMU's `virt` machine. The image runs where it is loaded,
# so nothing is copied. Hart 0 runs the program; the others sleep for good.

    .section .text.init, "ax"
    .globl _start
_start:
    csrci mstatus, 8
    csrw mie, zero
    bnez a0, park

    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la tp, __tls_base
    la sp, __stack_top
    la t0, aqpim_trap_entry
    csrw mtvec, t0

    la t0, __bss_start
    la t1, __bss_end
1:
    bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:
    mv s0, a0
    mv s1, a1
    mv a0, a1
    call aqpim_board_init
    mv a0, s0
    mv a1, s1
    call main
    tail aqpim_exit

park:
    wfi
    j park
