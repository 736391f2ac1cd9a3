# The built-in guest: one boot sector, 16-bit, for QEMU's "pc" machine with SeaBIOS.
#
# At each boot it adds one to the 32-bit little-endian number at the start of its first data disk, prints the new
# number on the first serial port, and then sleeps until the power button is pressed. All other bytes of the disk
# stay as they are: the first sector is read, changed and written back whole.
#
#   as --32 -o guest.o CounterGuest.S && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o guest.bin guest.o
#
# A test compares the result with the bytes in CounterGuest.swift.

        .code16
        .globl  _start

        .equ    SECTOR,     0x8000      # where the data disk's first sector is held
        .equ    UART,       0x3f8       # COM1: data; line status at +5
        .equ    PM_STATUS,  0x600       # ACPI PM1 registers of the PIIX4, where SeaBIOS puts them
        .equ    PM_ENABLE,  0x602
        .equ    PM_CONTROL, 0x604
        .equ    BUTTON,     0x0100      # power button: status, and enable
        .equ    POWER_OFF,  0x2000      # sleep enable, sleep type 0: off

_start: xorw    %ax, %ax                # SeaBIOS jumps to 0000:7c00 with the boot drive's number in dl
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $_start, %sp
        cld
        sti

        incb    %dl                     # the data disk is the drive after the boot drive
        movb    %dl, drive

        movw    $PM_ENABLE, %dx         # without this a press of the button leaves no trace
        movw    $BUTTON, %ax
        outw    %ax, %dx

        movw    $none, %si
        movb    $0x15, %ah              # does the drive exist?
        movb    drive, %dl
        int     $0x13
        jc      say
        testb   %ah, %ah
        jz      say

        movw    $failed, %si
        movb    $0x02, %ah              # read
        call    sector
        jc      say
        incl    SECTOR
        movb    $0x03, %ah              # write
        call    sector
        jc      say

        movw    $end, %si               # decimal digits, written from the last to the first
        movl    SECTOR, %eax
        movl    $10, %ecx
digit:  xorl    %edx, %edx
        divl    %ecx
        addb    $'0', %dl
        decw    %si
        movb    %dl, (%si)
        testl   %eax, %eax
        jnz     digit
        pushw   %si
        movw    $boots, %si
        call    print
        popw    %si

say:    call    print

idle:   hlt                             # the timer wakes us 18 times a second
        movw    $PM_STATUS, %dx
        inw     %dx, %ax
        testw   $BUTTON, %ax
        jz      idle
        movw    $off, %si
        call    print
        movw    $PM_CONTROL, %dx
        movw    $POWER_OFF, %ax
        outw    %ax, %dx
        jmp     idle

# Reads (ah = 2) or writes (ah = 3) the first sector of the data disk; carry: it failed.
sector: movb    $1, %al
        movw    $SECTOR, %bx
        movw    $0x0001, %cx            # cylinder 0, sector 1
        movb    $0, %dh
        movb    drive, %dl
        int     $0x13
        ret

# Prints the text at si, up to a zero, on the serial port.
print:  lodsb
        testb   %al, %al
        jz      2f
        movb    %al, %ah
        movw    $UART + 5, %dx
1:      inb     %dx, %al
        testb   $0x20, %al              # ready for the next byte?
        jz      1b
        movw    $UART, %dx
        movb    %ah, %al
        outb    %al, %dx
        jmp     print
2:      ret

drive:  .byte   0
boots:  .asciz  "BOOTS="
        .fill   10, 1, '0'              # as many digits as 2^32 has
end:    .asciz  "\r\n"
none:   .asciz  "NO DATA DISK\r\n"
failed: .asciz  "DATA DISK FAILED\r\n"
off:    .asciz  "POWER OFF\r\n"

        .org    510
        .word   0xaa55
