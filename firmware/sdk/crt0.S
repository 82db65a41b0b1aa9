# Entry: a0 = hart id, a1 = the device tree's address, as on QEMU's `virt` machine. The image runs where it is loaded,
# so nothing is copied. Hart 0 runs main(). The others wait for it to get there and then run aqpim_secondary_main(), if
# the program has one; else they sleep for good.

    .equ harts, 8

    .section .text.init, "ax"
    .globl _start
_start:
    csrci mstatus, 8
    csrw mie, zero
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la tp, __tls_base
    la t0, aqpim_trap_entry
    csrw mtvec, t0
    bnez a0, secondary
    la sp, __stack_top

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
    fence rw, w
    la t0, main_is_near
    sw s0, 0(t0)
    mv a0, s0
    mv a1, s1
    call main
    tail aqpim_exit

secondary:
    .weak aqpim_secondary_main
    lla t0, secondary_main
    ld s2, 0(t0)
    beqz s2, park
    li t0, harts
    bgeu a0, t0, park
    la t0, main_is_near
1:
    lw t1, 0(t0)
    bltz t1, 1b
    fence r, rw
    # A stack for each, below that of the hart before it.
    la sp, __secondary_stacks_top
    lui t0, %hi(__secondary_stack_size)
    addi t0, t0, %lo(__secondary_stack_size)
    addi t1, a0, -1
    mul t0, t0, t1
    sub sp, sp, t0
    jalr s2

park:
    csrw mie, zero
    wfi
    j park

    .section .rodata.crt0, "a"
    .balign 8
secondary_main:
    .dword aqpim_secondary_main

    # Not in .bss, which hart 0 clears while the others look here already.
    .section .data.crt0, "aw"
    .balign 4
main_is_near:
    .word -1
