// Capture a page into a file, at once or as a job. Needs no module.
//
//	STILLFRAME=http://localhost:8080 AUTH_TOKEN=... go run capture.go https://example.com page.png [--job]
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// CaptureError is the body of every error of the service.
type CaptureError struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"`
	RequestID string `json:"request_id"`
	Details   []struct {
		Field      string `json:"field"`
		Suggestion string `json:"suggestion"`
	} `json:"error_details"`
}

func (e *CaptureError) Error() string { return e.Code + ": " + e.Message }

// Job is a job as GET /jobs/{id} shows it.
type Job struct {
	ID     string        `json:"id"`
	Status string        `json:"status"`
	Error  *CaptureError `json:"error"`
	Result *struct {
		URL  string `json:"url"`
		File string `json:"file"`
	} `json:"result"`
}

var client = &http.Client{Timeout: 120 * time.Second}

// ask sends one request to the service. It repeats what is retryable, after Retry-After.
func ask(method, path string, options map[string]any) ([]byte, http.Header, error) {
	body, err := json.Marshal(options)
	if err != nil {
		return nil, nil, err
	}
	key := make([]byte, 16)
	if _, err := rand.Read(key); err != nil {
		return nil, nil, err
	}
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequest(method, os.Getenv("STILLFRAME")+path, bytes.NewReader(body))
		if err != nil {
			return nil, nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", hex.EncodeToString(key))
		if token := os.Getenv("AUTH_TOKEN"); token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		// A result that is too large for the answer is stored: net/http follows the 303, and sends the
		// token to no other host.
		response, err := client.Do(request)
		if err != nil {
			return nil, nil, err
		}
		data, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, nil, err
		}
		if response.StatusCode < 300 {
			return data, response.Header, nil
		}
		failure := &CaptureError{Code: strconv.Itoa(response.StatusCode), Message: string(data)}
		_ = json.Unmarshal(data, failure)
		if !failure.Retryable || attempt == 4 {
			return nil, nil, failure
		}
		time.Sleep(pause(response.Header, time.Duration(attempt)*time.Second))
	}
}

// pause is the time that Retry-After names, or another one.
func pause(header http.Header, otherwise time.Duration) time.Duration {
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		return time.Duration(seconds) * time.Second
	}
	return otherwise
}

// finished waits for a job and returns its bytes.
func finished(id string) ([]byte, error) {
	for {
		data, header, err := ask("GET", "/jobs/"+id, nil)
		if err != nil {
			return nil, err
		}
		var job Job
		if err := json.Unmarshal(data, &job); err != nil {
			return nil, err
		}
		switch {
		case job.Status == "failed":
			return nil, job.Error
		case job.Status == "done" && job.Result.URL == "":
			// Without a storage the job holds the bytes.
			return base64.StdEncoding.DecodeString(job.Result.File)
		case job.Status == "done":
			// The link is its own permission, so the token is not sent.
			response, err := client.Get(job.Result.URL)
			if err != nil {
				return nil, err
			}
			defer response.Body.Close()
			return io.ReadAll(response.Body)
		}
		time.Sleep(pause(header, time.Second))
	}
}

func run(url, file string, asJob bool) error {
	options := map[string]any{"url": url, "full_page": true}
	if asJob {
		options["async"] = true
	}
	data, header, err := ask("POST", "/capture", options)
	if err != nil {
		return err
	}
	if asJob {
		var job Job
		if err := json.Unmarshal(data, &job); err != nil {
			return err
		}
		fmt.Printf("job %s: %s\n", job.ID, job.Status)
		if data, err = finished(job.ID); err != nil {
			return err
		}
	} else {
		fmt.Printf("verdict %s\n", header.Get("X-Capture-Verdict"))
	}
	fmt.Printf("%s: %d bytes\n", file, len(data))
	return os.WriteFile(file, data, 0o644)
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: capture URL FILE [--job]")
		os.Exit(2)
	}
	err := run(os.Args[1], os.Args[2], len(os.Args) > 3 && os.Args[3] == "--job")
	var failure *CaptureError
	if errors.As(err, &failure) {
		field := "no field"
		if len(failure.Details) > 0 && failure.Details[0].Field != "" {
			field = failure.Details[0].Field
		}
		fmt.Fprintf(os.Stderr, "%v (%s, request %s)\n", failure, field, failure.RequestID)
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
