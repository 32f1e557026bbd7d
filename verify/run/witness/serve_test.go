//go:build linux

package witness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func startListening(t *testing.T) (*running, string) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	r := start(t, launch{plan: Plan{Listen: []string{address + "/tcp", address + "/udp"}}})
	want(t, "bind", r.world().Bind, map[string]string{address + "/tcp": "yes", address + "/udp": "yes"})
	return r, address
}

func TestHTTP(t *testing.T) {
	_, address := startListening(t)
	connections := 0
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		connections++
		return new(net.Dialer).DialContext(ctx, network, address)
	}}}
	defer client.CloseIdleConnections()
	ask := func(method string, body io.Reader, header ...string) (*http.Response, Answer) {
		t.Helper()
		req, err := http.NewRequest(method, "http://shop.example/cart/a%2Fb?x=1&y=", body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Add(header[i], header[i+1])
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		if method == http.MethodHead {
			want(t, "body of HEAD", len(text), 0)
			if resp.ContentLength < 100 {
				t.Errorf("the length of HEAD is %d", resp.ContentLength)
			}
		} else if err := json.Unmarshal(text, &a); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want(t, "status, type, nonce", []any{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("X-Lift-Nonce")}, []any{200, "application/json", nonce})
		return resp, a
	}
	_, a := ask("GET", nil, "X-Forwarded-For", "192.0.2.1", "Accept", "a", "Accept", "b")
	_, port, _ := net.SplitHostPort(address)
	want(t, "answer", []any{a.Nonce, a.Side, a.Workload, fmt.Sprint(a.Port), a.Method, a.URI, a.Host, a.Header["X-Forwarded-For"], a.Header["Accept"]},
		[]any{nonce, "processes", "web", port, "GET", "/cart/a%2Fb?x=1&y=", "shop.example", []string{"192.0.2.1"}, []string{"a", "b"}})
	ask("HEAD", nil)
	_, a = ask("POST", strings.NewReader(strings.Repeat("x", 100_000)))
	want(t, "header of POST", a.Header["Content-Length"], []string{"100000"})
	_, a = ask("PUT", struct{ io.Reader }{bytes.NewReader(make([]byte, 70_000))}) // of unknown length: in chunks
	want(t, "header of PUT", a.Header["Transfer-Encoding"], []string{"chunked"})
	ask("POST", strings.NewReader("body"), "Expect", "100-continue")
	ask("DELETE", nil)
	want(t, "connections", connections, 1)
	resp, _ := ask("GET", nil, "Connection", "close")
	want(t, "close", resp.Close, true)
	ask("GET", nil)
	want(t, "connections after close", connections, 2)
}

// raw sends bytes and reads until the other side closes, or until the time is over.
func raw(t *testing.T, address, send string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, send)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	text, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("%.40q: %v", send, err)
	}
	return string(text)
}

func TestOtherProtocols(t *testing.T) {
	t.Parallel()
	_, address := startListening(t)
	const line = nonce + " processes web\n"
	var wait sync.WaitGroup
	for _, send := range []string{
		"PING\r\n", "*1\r\n$4\r\nPING\r\n", "\x16\x03\x01\x02\x00\x01\x00", "GET", "GET / ", "EHLO there\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\n", "\x00\x00\x00\x08\x04\xd2\x16\x2f",
		strings.Repeat("A", 10_000), "\xff" + strings.Repeat("\x00", 100_000),
	} {
		wait.Go(func() {
			if got := raw(t, address, send); got != line {
				t.Errorf("%.40q gets %q", send, got)
			}
		})
	}
	wait.Wait()

	c, err := net.Dial("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		io.WriteString(c, "hello?")
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		buf := make([]byte, 100)
		n, err := c.Read(buf)
		if err != nil || string(buf[:n]) != line {
			t.Errorf("udp: %q, %v", buf[:n], err)
		}
	}
}

func TestHTTPByHand(t *testing.T) {
	_, address := startListening(t)
	for _, c := range []struct {
		send    string
		answers int
		starts  string
	}{
		{"GET / HTTP/1.0\r\n\r\n", 1, "HTTP/1.1 200 OK\r\n"},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n", 2, "HTTP/1.1 200 OK\r\n"},
		{"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 2, "HTTP/1.1 200 OK\r\n"},
		{"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: z\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n", 2, "HTTP/1.1 200 OK\r\n"},
		{"GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\nConnection: close\r\n\r\n", 1, "HTTP/1.1 200 OK\r\n"},
		{"GET / HTTP/1.1\nHost: x\nConnection: close\n\n", 1, "HTTP/1.1 200 OK\r\n"},
		{"GET / HTTP/1.1\r\nno header\r\n\r\n", 1, "HTTP/1.1 400 Bad Request\r\n"},
		{"GET / HTTP/1.1\r\nX: " + strings.Repeat("a", 40<<10) + "\r\n\r\n", 1, "HTTP/1.1 400 Bad Request\r\n"},
	} {
		got := raw(t, address, c.send)
		if strings.Count(got, "HTTP/1.1 ") != c.answers || !strings.HasPrefix(got, c.starts) {
			t.Errorf("%.60q gets %q", c.send, got)
		}
	}
	// It hangs up on what it cannot read, and lives on.
	for _, send := range []string{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, send)
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if text, _ := bufio.NewReader(c).ReadString('\n'); text != "" {
			t.Errorf("%q gets %q", send, text)
		}
		c.Close()
	}
}

// A proxy may connect before it has something to say.
func TestConnectedInAdvance(t *testing.T) {
	t.Parallel()
	_, address := startListening(t)
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadDeadline(time.Now().Add(3500 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", n, err)
	}
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	io.WriteString(c, "GET / HTTP/1.1\r\n\r\n")
	if line, err := bufio.NewReader(c).ReadString('\n'); line != "HTTP/1.1 200 OK\r\n" {
		t.Errorf("%q, %v", line, err)
	}
}

// A supervisor that owns the socket hands it over open, sd_listen_fds(3).
func TestHandedOver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	stream, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	packets, err := p.(*net.UDPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	listen := []string{l.Addr().String() + "/tcp", p.LocalAddr().String() + "/udp"}
	r := start(t, launch{plan: Plan{Listen: listen, Children: true}, extra: []*os.File{stream, packets}})
	w := r.world()
	want(t, "descriptors", w.Descriptors, []int{3, 4})
	want(t, "bind", w.Bind, map[string]string{listen[0]: "yes", listen[1]: "yes"})
	resp, err := http.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	want(t, "nonce", resp.Header.Get("X-Lift-Nonce"), nonce)
}
