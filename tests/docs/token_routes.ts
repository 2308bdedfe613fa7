/** A route of USERS.md as a program: called with a user in JSON, it prints what the route answers. */
export interface RouteProgram {
  /** The name of the example. */
  readonly name: string;
  readonly file: string;
  readonly command: readonly string[];
  /** What comes before and after the example: what it uses of its framework. */
  readonly before: string;
  readonly after: string;
}

const EXPRESS = `
let route;
const app = { get: (_path, handler) => route = handler };
const answer = { status: 200, body: "", headers: {} };
const res = {
  sendStatus: (status) => answer.status = status,
  set: (name, value) => (answer.headers[name] = value, res),
  type: (type) => (answer.headers["Content-Type"] = type, res),
  send: (body) => answer.body = body,
};
process.on("exit", () => {
  route({ session: { user: JSON.parse(process.argv[2]) } }, res);
  console.log(JSON.stringify(answer));
});
`;

const DJANGO = `
import json, sys, types
answer = {}
class HttpResponse:
    def __init__(self, content="", content_type=None, status=200, headers={}):
        answer.update(status=status, body=content, headers={**headers, "Content-Type": content_type})
django = types.ModuleType("django")
django.http = types.ModuleType("django.http")
django.http.HttpResponse = HttpResponse
sys.modules.update({"django": django, "django.http": django.http})
`;

const DJANGO_CALL = `
given = json.loads(sys.argv[1])
class User:
    is_authenticated = given is not None
    pk = given and given["id"]
    def get_username(self):
        return given["name"]
class Request:
    user = User()
chat_token(Request())
print(json.dumps(answer))
`;

const RAILS = `
require "base64"
require "json"
require "openssl"
User = Struct.new(:id, :name)
class ApplicationController
  attr_reader :answer
  def initialize
    @answer = { status: 200, body: "", headers: {} }
  end
  def current_user
    given = JSON.parse(ARGV[0])
    given && User.new(given["id"], given["name"])
  end
  def head(status)
    @answer[:status] = { unauthorized: 401 }.fetch(status)
  end
  def response
    Struct.new(:headers).new(@answer[:headers])
  end
  def render(plain:)
    @answer[:body] = plain
    @answer[:headers]["Content-Type"] = "text/plain"
  end
end
`;

const RAILS_CALL = `
controller = ChatController.new
controller.token
puts controller.answer.to_json
`;

/** The command line of PHP has no headers. */
const PHP = `<?php
session_save_path(__DIR__);
session_id('test');
session_start();
$_SESSION['user'] = json_decode($argv[1], true);
session_write_close();
ob_start();
register_shutdown_function(function () {
  $body = ob_get_clean();
  echo json_encode(['status' => http_response_code() ?: 200, 'body' => $body]);
});
?>`;

const GO = `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"time"
)

type user struct{ ID, Name string }

func currentUser(r *http.Request) *user {
	var given *struct {
		ID   int
		Name string
	}
	json.Unmarshal([]byte(os.Args[1]), &given)
	if given == nil {
		return nil
	}
	return &user{fmt.Sprint(given.ID), given.Name}
}

func main() {
	w := httptest.NewRecorder()
	chatToken(w, httptest.NewRequest("GET", "/chat-token", nil))
	headers := map[string]string{}
	for name := range w.Header() {
		headers[name] = w.Header().Get(name)
	}
	answer, _ := json.Marshal(map[string]any{
		"status": w.Code, "body": w.Body.String(), "headers": headers,
	})
	fmt.Println(string(answer))
}

`;

export const TOKEN_ROUTES: readonly RouteProgram[] = [
  { name: "express", file: "route.mjs", command: ["node"], before: EXPRESS, after: "" },
  { name: "django", file: "route.py", command: ["python3"], before: DJANGO, after: DJANGO_CALL },
  { name: "rails", file: "route.rb", command: ["ruby"], before: RAILS, after: RAILS_CALL },
  { name: "php", file: "route.php", command: ["php"], before: PHP, after: "" },
  { name: "go", file: "route.go", command: ["go", "run"], before: GO, after: "" },
];
