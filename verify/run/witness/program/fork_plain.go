//go:build linux && !liftwitness

package main

import (
	"errors"
	"os"
)

func forkChild() (pid int, out *os.File, err error) {
	return 0, nil, errors.New("built without the tag liftwitness")
}
