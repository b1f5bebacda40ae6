# Loaded by every Ruby that the till starts, through RUBYOPT and RUBYLIB: what it means for Stripe goes to this run's
# Stripe instead. The stripe gem of any age, HTTParty, RestClient and Faraday make their calls through Net::HTTP; there
# the connection is turned. Every other connection to a host under stripe.com is refused. Nothing is loaded here that the
# till did not load: a gem of its own version would be in conflict with it. Variables: cardpresent/launch/shims.

module CardpresentRedirect
  class Refused < IOError; end

  HOSTS = ENV["CARDPRESENT_STRIPE_HOSTS"].to_s.split(",")
  KEY = ENV["CARDPRESENT_STRIPE_KEY"].to_s
  PLACE = %r{\Ahttp://([^:/]+):(\d+)}.match(ENV["CARDPRESENT_STRIPE_BASE"].to_s)
  PORTS = ENV["CARDPRESENT_PORTS"].to_s.split(",").to_h { |pair| pair.split("=").map(&:to_i) }
  HELLO = { sdk: nil, redirected: 0, refused: [] }

  module_function

  # Hello: who is here, for the run to read ---------------------------------------------------------------------------

  def say
    lists = HELLO[:refused].map { |what| quoted(what) }.join(", ")
    text = %({"language": "Ruby", "version": #{quoted(RUBY_VERSION)}, "pid": #{Process.pid}, ) +
           %("program": #{quoted(File.basename($PROGRAM_NAME.to_s))}, ) +
           %("sdk": #{HELLO[:sdk] ? quoted(HELLO[:sdk]) : "null"}, "redirected": #{HELLO[:redirected]}, "refused": [#{lists}]})
    file = File.join(ENV["CARDPRESENT_HELLO"].to_s, "ruby-#{Process.pid}.json")
    File.write("#{file}.new", text)
    File.rename("#{file}.new", file)
  rescue SystemCallError
    nil # the folder goes with the run; a till that outlives it has nobody to greet
  end

  def quoted(text)
    %("#{text.to_s.gsub(/["\\]/) { |found| "\\#{found}" }.gsub(/[[:cntrl:]]/, " ")}")
  end

  def refuse(what)
    unless HELLO[:refused].include?(what)
      HELLO[:refused] << what
      say
      warn "cardpresent: #{what}"
    end
    raise Refused, "cardpresent: #{what}"
  end

  # Which connections are Stripe's ------------------------------------------------------------------------------------

  def under?(host)
    name = named(host)
    name == "stripe.com" || name.end_with?(".stripe.com")
  end

  def named(host)
    host.is_a?(String) ? host.downcase.chomp(".") : ""
  end

  def stop(host)
    refuse("a connection to #{named(host)} was stopped: no shim can send it to this run's Stripe") if under?(host)
  end

  # The run's key in place of the till's own test key -------------------------------------------------------------------

  def key_for(told)
    scheme, theirs = told.to_s.split(" ", 2)
    basic = scheme.to_s.casecmp?("basic")
    theirs = theirs.to_s.unpack1("m").to_s.split(":").first.to_s if basic
    if theirs.to_s.match?(/\A[sr]k_live_/)
      refuse("a live Stripe key (sk_live_... or rk_live_...) was about to be used, and nothing was sent: " \
             "give the till a test key")
    end
    return told unless theirs.to_s.match?(/\A[sr]k_test_/)

    basic ? "#{scheme} #{["#{KEY}:"].pack("m0")}" : "#{scheme} #{KEY}"
  end

  def count(request)
    HELLO[:redirected] += 1
    found = %r{\AStripe/v1 RubyBindings/(\S+)}.match(request["user-agent"].to_s)
    sdk = found ? "stripe-ruby #{found[1]}" : HELLO[:sdk]
    return unless HELLO[:redirected] == 1 || sdk != HELLO[:sdk]

    HELLO[:sdk] = sdk
    say
  end

  # In front of Net::HTTP, once the till has it.
  module Calls
    def connect
      if CardpresentRedirect.under?(@address)
        unless HOSTS.include?(CardpresentRedirect.named(@address)) && @use_ssl
          CardpresentRedirect.refuse("a connection to #{@address}, port #{@port}, was stopped: this run's Stripe stands " \
                                     "for #{HOSTS.join(", ")} at port 443 only")
        end
        @cardpresent = true
        @address, @port, @use_ssl = PLACE[1], PLACE[2].to_i, false
        @proxy_from_env, @proxy_uri, @proxy_address, @proxy_port = false, nil, nil, nil
      end
      super
    end

    def request(request, body = nil, &block)
      start { return self.request(request, body, &block) } unless started?
      if @cardpresent
        request["authorization"] = CardpresentRedirect.key_for(request["authorization"]) if request["authorization"]
        CardpresentRedirect.count(request)
      end
      super
    end
  end

  # In front of the sockets themselves: what does not come through Net::HTTP is stopped, and a hard-coded port moved.
  module Sockets
    def initialize(host = nil, port = nil, *more, **options, &block)
      CardpresentRedirect.stop(host)
      options.empty? ? super(host, port, *more, &block) : super(host, port, *more, **options, &block)
    end
  end

  module Names
    def getaddrinfo(host, *more, **options)
      CardpresentRedirect.stop(host)
      options.empty? ? super(host, *more) : super(host, *more, **options)
    end

    def tcp(host, *more, **options, &block)
      CardpresentRedirect.stop(host)
      super
    end
  end

  module Listening
    def initialize(*given)
      super(*given[0..-2], PORTS.fetch(given.last.to_i, given.last))
    end
  end

  module ListeningSockets
    def tcp_server_sockets(host = nil, port)
      super(host, PORTS.fetch(port.to_i, port))
    end
  end

  def look
    if defined?(::Net::HTTP) && ::Net::HTTP.method_defined?(:request) && ::Net::HTTP.private_method_defined?(:connect) && !(::Net::HTTP < Calls)
      ::Net::HTTP.prepend(Calls)
    end
    if defined?(::TCPSocket) && !(::TCPSocket < Sockets)
      ::TCPSocket.prepend(Sockets)
      ::TCPServer.prepend(Listening)
      ::Addrinfo.singleton_class.prepend(Names)
      ::Socket.singleton_class.prepend(Names)
    end
    if defined?(::Socket) && ::Socket.respond_to?(:tcp_server_sockets) && !(::Socket.singleton_class < ListeningSockets)
      ::Socket.singleton_class.prepend(ListeningSockets)
    end
    done?
  end

  def done?
    defined?(::Net::HTTP) && (::Net::HTTP < Calls) && (::Socket.singleton_class < ListeningSockets)
  end
end

if CardpresentRedirect::PLACE
  CardpresentRedirect.say
  # A wrapped `require` would stand on the call stack, and some frameworks take the file they find there for the
  # application. So the end of each class is watched, until there is nothing left to be changed.
  watch = TracePoint.new(:end) { |point| watch.disable if CardpresentRedirect.look }
  watch.enable unless CardpresentRedirect.look
end
