//go:build linux && liftwitness

#include "textflag.h"

// entry asks fcntl(0, F_GETFD), fcntl(1, …), fcntl(2, …), and goes on where a Go program begins. The kernel's stack, on which argc and argv are, stays as it is.
TEXT ·entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVQ	$72, AX
	MOVQ	$0, DI
	MOVQ	$1, SI
	SYSCALL
	MOVL	AX, ·startFlags+0(SB)
	MOVQ	$72, AX
	MOVQ	$1, DI
	MOVQ	$1, SI
	SYSCALL
	MOVL	AX, ·startFlags+4(SB)
	MOVQ	$72, AX
	MOVQ	$2, DI
	MOVQ	$1, SI
	SYSCALL
	MOVL	AX, ·startFlags+8(SB)
	JMP	_rt0_amd64_linux(SB)
