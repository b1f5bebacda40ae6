# Makes a payment the way it is told to, with a key of its own, and prints its id: {"id"} or {"error"}.
require "json"

how = ARGV.fetch(0)
KEY = "sk_test_of_the_till_itself"
FORM = { "amount" => "700", "currency" => "usd", "description" => how }.freeze
ADDRESS = "https://api.stripe.com/v1/payment_intents"

# The gem's own way, cut down to what its parts are called and do: a base, and one kept connection a host and port.
module StandIn
  class ConnectionManager
    def initialize
      @connections = {}
    end

    def execute_request(uri, headers, body)
      connection = @connections[[uri.host, uri.port]] ||= Net::HTTP.new(uri.host, uri.port, nil).tap do |made|
        made.use_ssl = uri.scheme == "https"
        made.open_timeout = made.read_timeout = 10
        made.start
      end
      connection.send_request("POST", uri.request_uri, body, headers)
    end
  end
end

def stand_in(how)
  require "net/http"
  manager = StandIn::ConnectionManager.new
  headers = {
    "User-Agent" => "Stripe/v1 RubyBindings/13.0.0", "Authorization" => "Bearer #{KEY}",
    "Content-Type" => "application/x-www-form-urlencoded",
  }
  2.times.map { JSON.parse(manager.execute_request(URI(ADDRESS), headers, URI.encode_www_form(FORM)).body) }.last
end

def net_http(how, key = KEY)
  require "net/http"
  uri = URI(ADDRESS)
  request = Net::HTTP::Post.new(uri)
  block_given? ? yield(request) : request["Authorization"] = "Bearer #{key}"
  request.set_form_data(FORM)
  JSON.parse(Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }.body)
end

def basic(how)
  net_http(how) { |request| request.basic_auth(KEY, "") }
end

def live(how)
  net_http(how, "sk_" + "live_of_somebody")
end

def elsewhere(how)
  require "net/http"
  Net::HTTP.get(URI("https://dashboard.stripe.com/login"))
end

def unencrypted(how)
  require "net/http"
  Net::HTTP.get(URI(ADDRESS.sub("https", "http")))
end

def socket(how)
  require "socket"
  TCPSocket.new("api.stripe.com", 443)
end

def listening(how)
  require "socket"
  server = TCPServer.new("127.0.0.1", 4242)
  { port: server.addr[1] }
end

def settings(how)
  { verbose: $VERBOSE, proxy: ENV["HTTPS_PROXY"], library: ENV["RUBYLIB"] }
end

begin
  told = send(how, how)
rescue StandardError => e
  told = { "error" => e.message }
end
puts JSON.generate(told["id"] ? { id: told["id"] } : told)
