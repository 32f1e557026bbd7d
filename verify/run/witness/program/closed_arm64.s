//go:build linux && liftwitness

#include "textflag.h"

// entry asks fcntl(0, F_GETFD), fcntl(1, …), fcntl(2, …), and goes on where a Go program begins. The kernel's stack, on which argc and argv are, stays as it is.
TEXT ·entry(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVD	$25, R8
	MOVD	$0, R0
	MOVD	$1, R1
	SVC
	MOVW	R0, ·startFlags+0(SB)
	MOVD	$25, R8
	MOVD	$1, R0
	MOVD	$1, R1
	SVC
	MOVW	R0, ·startFlags+4(SB)
	MOVD	$25, R8
	MOVD	$2, R0
	MOVD	$1, R1
	SVC
	MOVW	R0, ·startFlags+8(SB)
	JMP	_rt0_arm64_linux(SB)
