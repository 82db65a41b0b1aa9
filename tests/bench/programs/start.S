# Sets up a stack and floating point, runs `work`, and ends the run by the finisher of QEMU's virt machine.
    .section .text.start
    .globl _start
_start:
    li t0, 0x2000 # mstatus.FS = Initial
    csrs mstatus, t0
    la sp, stack_end
    li a0, REPETITIONS
    call work
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  wfi
    j 1b

    .bss
    .balign 16
    .space 16384
stack_end:
