// Command program is what the tests run in pods: a server that keeps a counter, or what its mode says.
//
//	program serve            /healthz, /count (adds one, kept in $STATE), /env?NAME; ends at SIGTERM
//	program stubborn         likewise, and does not end
//	program sick             likewise, and is never healthy
//	program job CODE         prints $SECRET_WORD and ends with the status
//	program crash            prints $SECRET_WORD and ends with status 3
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	mode := os.Args[1]
	fmt.Println("begins:", mode)
	switch mode {
	case "job":
		fmt.Println("the word is", os.Getenv("SECRET_WORD"))
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "crash":
		fmt.Fprintln(os.Stderr, "cannot log in with", os.Getenv("SECRET_WORD"))
		os.Exit(3)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		for range stop {
			fmt.Println("got SIGTERM")
			if mode != "stubborn" {
				time.Sleep(300 * time.Millisecond)
				fmt.Println("ends")
				os.Exit(0)
			}
		}
	}()
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if mode == "sick" {
			http.Error(w, "the storehouse is closed", http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, os.Getenv(r.URL.RawQuery))
	})
	var mu sync.Mutex
	http.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		file := filepath.Join(os.Getenv("STATE"), "count")
		old, _ := os.ReadFile(file)
		n, _ := strconv.Atoi(strings.TrimSpace(string(old)))
		if err := os.WriteFile(file, []byte(strconv.Itoa(n+1)), 0o644); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, n+1)
	})
	if err := http.ListenAndServe(":8080", nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
