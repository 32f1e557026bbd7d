//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// askPatience is longer than all that a question can make the witness do.
const askPatience = 15 * time.Second

// askError ends the asking with a status: 1, the witness cannot be reached; 2, the question makes no sense.
type askError struct {
	error
	status int
}

// ask asks the witness on a socket. It keeps to plain system calls, for it runs beside the witness, within the same bounds, and package net would start threads.
func ask(socket string, words []string) ([]byte, *askError) {
	unreachable := func(err error) *askError {
		return &askError{fmt.Errorf("no witness answers on @%s: %s; is it running, in this network namespace?", socket, reason(err)), 1}
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, unreachable(err)
	}
	// It is closed by the end of the program alone, so that the witness sees that its answer has been printed.
	patience := syscall.NsecToTimeval(int64(askPatience))
	syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience)
	syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &patience)
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: "@" + socket}); err != nil {
		return nil, unreachable(err)
	}
	question, _ := json.Marshal(words)
	writeAll(fd, append(question, '\n'))
	var answer bytes.Buffer
	buf := make([]byte, 8<<10)
	for {
		n, err := syscall.Read(fd, buf)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, unreachable(err)
		}
		if n <= 0 {
			break
		}
		answer.Write(buf[:n])
	}
	var r reply
	if err := json.Unmarshal(answer.Bytes(), &r); err != nil {
		return nil, unreachable(errors.New("it closed the connection: it was killed meanwhile, or runs as another user"))
	}
	if r.Error != "" {
		return nil, &askError{errors.New(r.Error), 2}
	}
	return r.Out, nil
}
