-- For wrk: walks over the presigned targets of a file, one after another, and reports in JSON.
-- Arguments: METHOD TARGETS BODY, where BODY is a file that is sent with each request, or "".
local heads, body, at = {}, "", 0

function init(args)
   local ending = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n"
   if args[3] ~= "" then
      local file = assert(io.open(args[3], "rb"))
      body = file:read("*a")
      file:close()
      ending = ending .. "Content-Length: " .. #body .. "\r\n"
   end
   for target in io.lines(args[2]) do
      heads[#heads + 1] = args[1] .. " " .. target .. ending .. "\r\n"
   end
end

function request()
   at = at % #heads + 1
   return heads[at] .. body
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"count": %d, "duration_us": %d, "bytes": %d, "refused": %d, "broken": %d,' ..
      ' "p50_us": %.0f, "p99_us": %.0f}\n',
      summary.requests, summary.duration, summary.bytes, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
