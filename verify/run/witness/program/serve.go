//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/deploylift/lift/verify/run/witness/report"
)

// listen serves what was handed over open, and what the plan names.
func (w *witness) listen() {
	handed := map[string]bool{} // PORT/PROTOCOL
	for _, fd := range w.start.descriptors {
		if name := w.serveHanded(fd); name != "" {
			handed[name] = true
		}
	}
	w.bind = map[string]string{}
	for _, l := range w.plan.Listen {
		w.bind[l] = "yes"
		if _, port, _ := splitListen(l); handed[port] {
			continue // it cannot be bound a second time
		}
		if err := w.serve(l); err != nil {
			w.bind[l] = reason(err)
		}
	}
}

// tryBind does the same for a job, which serves nobody.
func (w *witness) tryBind() {
	w.bind = map[string]string{}
	for _, l := range w.plan.Listen {
		w.bind[l] = "yes"
		closer, err := open(l)
		if err != nil {
			w.bind[l] = reason(err)
			continue
		}
		closer.Close()
	}
}

func (w *witness) bound() map[string]string {
	all := map[string]string{}
	for l, result := range w.bind {
		all[l] = result
	}
	return all
}

// splitListen takes ADDRESS:PORT/PROTOCOL apart: the address with the port, and the port with the protocol.
func splitListen(l string) (address, port, protocol string) {
	address, protocol, ok := strings.Cut(l, "/")
	if !ok {
		protocol = "tcp"
	}
	address = strings.TrimPrefix(address, "*") // every address
	return address, address[strings.LastIndex(address, ":")+1:] + "/" + protocol, protocol
}

// open binds what the plan names. 0.0.0.0 is IPv4 alone, as for a C program; [::] is both, as Linux has it by default.
func open(l string) (io.Closer, error) {
	address, _, protocol := splitListen(l)
	network := protocol
	if strings.HasPrefix(address, "0.0.0.0:") {
		network += "4"
	}
	switch protocol {
	case "tcp":
		return net.Listen(network, address)
	case "udp":
		return net.ListenPacket(network, address)
	}
	return nil, fmt.Errorf("%q is no protocol to listen with", protocol)
}

func (w *witness) serve(l string) error {
	o, err := open(l)
	if err != nil {
		return err
	}
	switch o := o.(type) {
	case net.Listener:
		go w.accept(o)
	case net.PacketConn:
		go w.echo(o)
	}
	return nil
}

// serveHanded serves a descriptor that is a socket, and returns its PORT/PROTOCOL: "" if it has none.
func (w *witness) serveHanded(fd int) string {
	kind, err := option(fd, syscall.SO_TYPE)
	if err != nil {
		return ""
	}
	listens, _ := option(fd, syscall.SO_ACCEPTCONN)
	f := os.NewFile(uintptr(fd), "handed over")
	switch {
	case kind == syscall.SOCK_STREAM && listens != 0:
		l, err := net.FileListener(f) // a duplicate: the descriptor stays open
		if err != nil {
			return ""
		}
		go w.accept(l)
		if a, ok := l.Addr().(*net.TCPAddr); ok {
			return strconv.Itoa(a.Port) + "/tcp"
		}
	case kind == syscall.SOCK_DGRAM:
		c, err := net.FilePacketConn(f)
		if err != nil {
			return ""
		}
		go w.echo(c)
		if a, ok := c.LocalAddr().(*net.UDPAddr); ok {
			return strconv.Itoa(a.Port) + "/udp"
		}
	case kind == syscall.SOCK_STREAM:
		if c, err := net.FileConn(f); err == nil { // inetd's way: one connection
			go w.converse(c)
		}
	}
	return ""
}

func (w *witness) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(50 * time.Millisecond) // no descriptors are left for the moment
			continue
		}
		go w.converse(c)
	}
}

// line is the answer to whatever is not HTTP.
func (w *witness) line() []byte {
	return []byte(w.plan.Nonce + " " + w.plan.Side + " " + w.plan.Workload + "\n")
}

func (w *witness) echo(c net.PacketConn) {
	buf := make([]byte, 2048)
	for {
		_, from, err := c.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if from != nil {
			c.WriteTo(w.line(), from)
		}
	}
}

// Patience with who has connected.
const (
	firstLine = 3 * time.Second  // for the first line, from its first byte on
	idle      = 75 * time.Second // for that byte, and between requests. Proxies connect in advance: one who says nothing yet is not told anything
)

// mostHeader bounds the head of a request.
const mostHeader = 32 << 10

func (w *witness) converse(c net.Conn) {
	defer c.Close()
	port := 0
	if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
		port = a.Port
	}
	bounded := &io.LimitedReader{R: c}
	r := bufio.NewReaderSize(bounded, 4<<10)
	for first := true; ; first = false {
		bounded.N = mostHeader
		c.SetReadDeadline(time.Now().Add(idle))
		if _, err := r.Peek(1); err != nil {
			return
		}
		c.SetReadDeadline(time.Now().Add(firstLine))
		if !speaksHTTP(r) {
			if first {
				lastWord(c, w.line())
			}
			return
		}
		c.SetReadDeadline(time.Now().Add(idle))
		goOn, err := w.answer(c, r, bounded, port)
		if err != nil || !goOn {
			return
		}
	}
}

// speaksHTTP looks at what came without taking it: a request line begins with a method in capital letters and ends in a version.
func speaksHTTP(r *bufio.Reader) bool {
	const longest = 20 // of methods
	for n, method := 1, true; ; n++ {
		seen, err := r.Peek(n)
		if err != nil {
			return !method && errors.Is(err, bufio.ErrBufferFull) // a long path; the parser will tell
		}
		switch b := seen[n-1]; {
		case method && b == ' ' && n > 1:
			method = false
		case method && (b < 'A' || b > 'Z' || n > longest):
			return false
		case b == '\n':
			return strings.Contains(string(seen), " HTTP/1.")
		}
	}
}

// lastWord sends something and waits for the other side to have read it: closing with words unread would take it back.
func lastWord(c net.Conn, text []byte) {
	c.SetDeadline(time.Now().Add(firstLine))
	c.Write(text)
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		io.Copy(io.Discard, c)
	}
}

// answer reads one request and answers it; it tells whether another one may come.
func (w *witness) answer(c net.Conn, r *bufio.Reader, bounded *io.LimitedReader, port int) (bool, error) {
	t := textproto.NewReader(r)
	first, err := t.ReadLine()
	if err != nil {
		return false, err
	}
	header, err := t.ReadMIMEHeader()
	if err != nil {
		lastWord(c, []byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
		return false, err
	}
	method, rest, _ := strings.Cut(first, " ")
	uri, version, _ := strings.Cut(rest, " ")
	if strings.EqualFold(header.Get("Expect"), "100-continue") {
		io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
	}
	bounded.N = 1 << 62
	if err := discardBody(r, header); err != nil {
		return false, err
	}
	host := header.Get("Host")
	header.Del("Host")
	body, err := json.Marshal(report.Answer{
		Nonce: w.plan.Nonce, Side: w.plan.Side, Workload: w.plan.Workload, Port: port, Method: method, URI: uri, Host: host, Header: header,
	})
	if err != nil {
		return false, err
	}
	goOn := !listed(header.Get("Connection"), "close") && (version != "HTTP/1.0" || listed(header.Get("Connection"), "keep-alive"))
	connection := "keep-alive"
	if !goOn {
		connection = "close"
	}
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Lift-Nonce: %s\r\nDate: %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n",
		w.plan.Nonce, time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), len(body), connection)
	if method == "HEAD" {
		body = nil
	}
	c.SetWriteDeadline(time.Now().Add(idle))
	_, err = c.Write(append([]byte(head), body...))
	return goOn, err
}

// listed reports whether a list of tokens holds one.
func listed(list, token string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(t), token) {
			return true
		}
	}
	return false
}

func discardBody(r *bufio.Reader, header textproto.MIMEHeader) error {
	if listed(header.Get("Transfer-Encoding"), "chunked") {
		_, err := io.Copy(io.Discard, &chunks{r: r})
		return err
	}
	if length := header.Get("Content-Length"); length != "" {
		n, err := strconv.ParseInt(length, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("content length %q", length)
		}
		_, err = io.CopyN(io.Discard, r, n)
		return err
	}
	return nil
}

// chunks reads a body in chunks, RFC 9112 section 7.1, to its end.
type chunks struct {
	r    *bufio.Reader
	left int64 // of the chunk at hand
	done bool
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.done {
		return 0, io.EOF
	}
	t := textproto.NewReader(c.r)
	if c.left == 0 {
		line, err := t.ReadLine()
		if err != nil {
			return 0, err
		}
		size, _, _ := strings.Cut(line, ";")
		c.left, err = strconv.ParseInt(strings.TrimSpace(size), 16, 64)
		if err != nil || c.left < 0 {
			return 0, fmt.Errorf("chunk of size %q", size)
		}
		if c.left == 0 {
			c.done = true
			_, err := t.ReadMIMEHeader() // trailers, and the empty line
			if err == nil {
				err = io.EOF
			}
			return 0, err
		}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if c.left == 0 && err == nil {
		_, err = t.ReadLine()
	}
	return n, err
}
