# Runs the records one after another: sets up the machine as a record says, enters its code, logs every trap, and prints
# what is left. layout.inc, made from layout.py, defines the record's fields and the memory layout.
    .include "layout.inc"

    .equ UART_THR, 0x10000000
    .equ UART_LSR_OFFSET, 5
    .equ UART_THR_EMPTY, 0x20
    .equ FINISHER, 0x100000
    .equ FINISHER_PASS, 0x5555
    .equ FINISHER_FAIL, 0x13333
    .equ CLINT_MSIP, 0x2000000
    .equ CLINT_MTIMECMP, 0x2004000
    .equ MSIP, 1 << 3
    .equ FS_DIRTY, 3 << 13
    .equ PMPCFG0, 0x3a0
    .equ PMPCFG2, 0x3a2
    .equ FETCH_ACCESS_FAULT, 1
    .equ BREAKPOINT, 3
    .equ FETCH_PAGE_FAULT, 12

# What a trap handler keeps: x0 to x31, then for machine mode what is captured at the end.
    .equ CONTEXT_F, 32 * 8
    .equ CONTEXT_FCSR, CONTEXT_F + 32 * 8
    .equ CONTEXT_CSRS, CONTEXT_FCSR + 8
    .equ CONTEXT_RECORD, CONTEXT_CSRS + CAPTURED_CSRS * 8
    .equ CONTEXT_BYTES, CONTEXT_RECORD + 8

# Where both handlers log, in reach of supervisor mode.
    .equ SHARED_CODE_BASE, 0
    .equ SHARED_USER_BASE, 8
    .equ SHARED_END_OFFSET, 16
    .equ SHARED_LOG_COUNT, 24
    .equ SHARED_LOG, 32
    .equ LOG_ENTRY_SHIFT, 5

# ---------------------------------------------------------------------------------------------------- main loop
    .section .text
    .globl _start
_start:
    la t0, harness_trap
    csrw mtvec, t0
    li t0, -1
    li t1, CLINT_MTIMECMP
    sd t0, 0(t1)
    la s0, records

next_record:                                 # s0: the record
    la t0, records_end
    bgeu s0, t0, finish
    la sp, stack_top
    call prepare_memory
    call prepare_csrs
    j enter_sequence

finish:
    li t0, FINISHER
    li t1, FINISHER_PASS
    sw t1, 0(t0)
    j .

    .balign 4
harness_trap:                                # a fault of the harness itself: say so and fail
    la sp, stack_top
    li a0, '!'
    call put_character
    csrr a0, mcause
    call put_word
    csrr a0, mepc
    call put_word
    csrr a0, mtval
    call put_word
    call put_newline
    li t0, FINISHER
    li t1, FINISHER_FAIL
    sw t1, 0(t0)
    j .

# ---------------------------------------------------------------------------------------------------- preparation
prepare_memory:                              # code and page tables from the record, random data, an empty log
    li t0, CODE
    li t1, DATA
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b

    ld t2, RECORD_SEED(s0)                   # xorshift64
    li t1, DATA_END
2:  slli t3, t2, 13
    xor t2, t2, t3
    srli t3, t2, 7
    xor t2, t2, t3
    slli t3, t2, 17
    xor t2, t2, t3
    sd t2, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 2b

    li t0, RECORD_BYTES                      # pairs of address and value: code and page table entries
    add t0, s0, t0
    ld t1, RECORD_POKES(s0)
    slli t1, t1, 4
    add t1, t0, t1
3:  ld t2, 0(t0)
    ld t3, 8(t0)
    sd t3, 0(t2)
    addi t0, t0, 16
    bltu t0, t1, 3b
    mv s1, t0                                # the next record

    li t0, SHARED
    sd zero, SHARED_LOG_COUNT(t0)
    ld t1, RECORD_CODE_BASE(s0)
    sd t1, SHARED_CODE_BASE(t0)
    ld t1, RECORD_USER_BASE(s0)
    sd t1, SHARED_USER_BASE(t0)
    ld t1, RECORD_END_OFFSET(s0)
    sd t1, SHARED_END_OFFSET(t0)
    fence.i
    ret

    .macro write_csr number, offset
    ld t0, \offset(s0)
    csrw \number, t0
    .endm

prepare_csrs:
    csrw mie, zero
    li t0, CLINT_MSIP
    sw zero, 0(t0)
1:  csrr t0, mip
    andi t0, t0, MSIP
    bnez t0, 1b
    for_each_setup_csr write_csr
    sfence.vma
    la t0, m_vectors
    ld t1, RECORD_MTVEC_MODE(s0)
    or t0, t0, t1
    csrw mtvec, t0
    la t0, s_vectors
    ld t1, RECORD_STVEC_MODE(s0)
    or t0, t0, t1
    csrw stvec, t0
    la t0, s_context
    csrw sscratch, t0
    la t0, m_context
    csrw mscratch, t0
    sd s0, CONTEXT_RECORD(t0)
    la t0, reservation                       # drop any reservation
    sc.w zero, zero, (t0)
    ret

    .macro load_f n
    fld f\n, RECORD_F + 8 * \n (s0)
    .endm

    .macro load_x n
    ld x\n, RECORD_X + 8 * \n (sp)
    .endm

enter_sequence:
    li t0, FS_DIRTY
    csrw mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    load_f \n
    .endr
    ld t0, RECORD_FCSR(s0)
    fscsr t0
    ld t0, RECORD_START(s0)
    csrw mepc, t0
    ld t0, RECORD_MSTATUS(s0)
    csrw mstatus, t0
    mv sp, s0
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,2
    load_x \n
    .endr
    mret

    .include "traps.S"
    .include "results.S"

# ---------------------------------------------------------------------------------------------------- data
    .section .data
    .balign 8
m_context:
    .zero CONTEXT_BYTES
reservation:
    .zero 8
    .zero 1024
stack_top:
    .balign 8
records:
    .incbin "records.bin"
records_end:

    .section .shared, "aw"                   # in reach of supervisor mode, as layout.py places it
    .zero SHARED_LOG + (LOG_LIMIT << LOG_ENTRY_SHIFT)
s_context:
    .zero 32 * 8
