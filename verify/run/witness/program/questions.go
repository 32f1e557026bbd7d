//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// reply is what goes back through the socket.
type reply struct {
	Out   json.RawMessage `json:"out,omitempty"`
	Error string          `json:"error,omitempty"` // the question makes no sense
}

// openSocket opens where questions are asked. Its name is in no file system, so that it works where nothing can be written, and in the network namespace, so that whoever shares that can ask.
func (w *witness) openSocket() *net.UnixListener {
	if w.plan.Socket == "" || w.plan.Once {
		return nil
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: "@" + w.plan.Socket})
	if err != nil {
		fmt.Fprintf(os.Stderr, "lift-witness: no questions can be asked on @%s: %s\n", w.plan.Socket, reason(err))
		return nil
	}
	return l
}

func (w *witness) answerQuestions(l *net.UnixListener) {
	for l != nil {
		c, err := l.AcceptUnix()
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		go w.answerQuestion(c)
	}
}

func (w *witness) answerQuestion(c *net.UnixConn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(askPatience))
	if !mayAsk(c) {
		return
	}
	var words []string
	if json.NewDecoder(bufio.NewReaderSize(c, 1<<10)).Decode(&words) != nil {
		return
	}
	out, after, err := w.reply(words)
	var r reply
	if err != nil {
		r.Error = err.Error()
	} else if r.Out, err = json.Marshal(out); err != nil {
		r.Error = err.Error()
	}
	text, _ := json.Marshal(r)
	c.Write(append(text, '\n'))
	if after != nil {
		// Whoever asks ends before the witness does: as the first process of a container it would take them along, and their answer with them.
		c.CloseWrite()
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		io.Copy(io.Discard, c)
		time.Sleep(100 * time.Millisecond) // for the container runtime to see it
		after()
	}
}

// mayAsk lets root and the witness's own user ask. An abstract socket has no permissions of its own, and on a machine without namespaces everybody could try.
func mayAsk(c *net.UnixConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	may := false
	raw.Control(func(fd uintptr) {
		who, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		may = err == nil && (who.Uid == 0 || int(who.Uid) == os.Geteuid())
	})
	return may
}

type done struct {
	OK bool `json:"ok"`
}

// reply answers a question; what must come after the answer is returned.
func (w *witness) reply(words []string) (out any, after func(), err error) {
	arg := func(n int) string {
		if n < len(words) {
			return words[n]
		}
		return ""
	}
	switch what := arg(0); {
	case what == "world" && len(words) == 1:
		world := w.world()
		world.Peers = w.peers()
		return world, nil, nil
	case what == "events" && len(words) == 1:
		return w.events.list(), nil, nil
	case what == "exit" && len(words) == 2:
		status, err := strconv.Atoi(words[1])
		if err != nil || status < 0 || status > 255 {
			return nil, nil, fmt.Errorf("exit %q: give a status from 0 to 255", words[1])
		}
		return done{true}, func() { w.exits <- status }, nil
	case what == "signal" && len(words) == 2:
		s, err := signalNumber(words[1])
		if err != nil {
			return nil, nil, err
		}
		return done{true}, func() { syscall.Kill(os.Getpid(), s) }, nil
	case what == "get" && (len(words) == 2 || len(words) == 3):
		return get(words[1], arg(2)), nil, nil
	case what == "connect" && len(words) == 2:
		c, got := reach(words[1])
		if c != nil {
			c.Close()
		}
		return got, nil, nil
	}
	return nil, nil, errors.New("ask for world, events, exit CODE, signal NAME, get URL [HOST] or connect HOST:PORT")
}
