// Command app is what runs in the containers of the tests. Its first argument says what it is.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		os.Exit(64)
	}
	switch os.Args[1] {
	case "serve": // [DELAY [STOP]]: listens after a delay, and takes a while to stop, or "never" does
		serve(os.Args[2:])
	case "check":
		resp, err := http.Get("http://127.0.0.1:8080/healthz")
		if err != nil || resp.StatusCode != 200 {
			fmt.Println("not healthy:", err)
			os.Exit(1)
		}
	case "idle":
		fmt.Println("idle")
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
	case "exit": // STATUS WORD…: says the words, and the value of TOKEN
		fmt.Println(strings.Join(os.Args[3:], " "), os.Getenv("TOKEN"))
		fmt.Fprintln(os.Stderr, "to standard error")
		n, _ := strconv.Atoi(os.Args[2])
		os.Exit(n)
	case "fail": // the check that never passes
		fmt.Println("the check says no")
		os.Exit(1)
	case "ask": // the stand-in of the witness
		fmt.Println("asked", strings.Join(os.Args[2:], " "), os.Getenv("LIFT_WITNESS") != "")
	case "--": // the stand-in of the witness, in the place of a program
		fmt.Printf("in the place of %q\n", os.Args[2:])
		serve(nil)
	default:
		fmt.Printf("unknown: %q\n", os.Args[1:])
		os.Exit(65)
	}
}

func serve(args []string) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	if len(args) > 0 {
		d, _ := time.ParseDuration(args[0])
		time.Sleep(d)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		file := "/data/" + strings.TrimPrefix(r.URL.Path, "/")
		if r.Method == http.MethodPut {
			body, _ := io.ReadAll(r.Body)
			if err := os.WriteFile(file, body, 0o644); err != nil {
				http.Error(w, err.Error(), 500)
			}
			return
		}
		if data, err := os.ReadFile(file); err == nil {
			w.Write(data)
			return
		}
		fmt.Fprintf(w, "%s %s %s", os.Getenv("NAME"), os.Getenv("TOKEN"), r.URL.Path)
	})
	go func() {
		if err := http.ListenAndServe(":8080", nil); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}()
	fmt.Println("serving")
	for range stop {
		fmt.Println("asked to stop")
		if len(args) > 1 && args[1] == "never" {
			continue
		}
		if len(args) > 1 {
			d, _ := time.ParseDuration(args[1])
			time.Sleep(d)
		}
		return
	}
}
