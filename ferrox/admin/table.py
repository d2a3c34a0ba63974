"""The table of endpoints: everything that the admin plane answers, and how the command says it.

The OpenAPI document, docs/admin.md and the commands of `ferroxd` are made from it.
"""

from ferrox.admin.endpoint import Endpoint
from ferrox.admin.shapes import buckets as b
from ferrox.admin.shapes import identities as i
from ferrox.admin.shapes import server as s
from ferrox.admin.shapes.paging import Nothing, Paged
from ferrox.admin_roles import Role

LOOK, ADMIN = Role.READ_ONLY, Role.ADMIN
IN = "/accounts/{account}"

# fmt: off
ENDPOINTS = (
    Endpoint("CreateAccount", "POST", "/accounts", ADMIN, i.NewAccount, i.AccountMade,
             "Make an account; the key pair of its root is shown this once.",
             "account create NAME"),
    Endpoint("ListAccounts", "GET", "/accounts", LOOK, Paged, i.AccountPage,
             "List accounts.", "account list"),
    Endpoint("GetAccount", "GET", IN, LOOK, i.OneAccount, i.AccountView,
             "Show an account.", "account show ACCOUNT"),
    Endpoint("RenameAccount", "PATCH", IN, ADMIN, i.AccountRename, i.AccountView,
             "Call an account by another name.", "account rename ACCOUNT NAME"),
    Endpoint("DeleteAccount", "DELETE", IN, ADMIN, i.OneAccount, None,
             "Remove an account that owns nothing, with the keys of its root.",
             "account delete ACCOUNT"),

    Endpoint("CreateUser", "POST", IN + "/users", ADMIN, i.NewUser, i.UserMade,
             "Make a user with policies, groups and a key pair, which is shown this once.",
             "user create NAME"),
    Endpoint("ListUsers", "GET", IN + "/users", LOOK, i.OfAccount, i.UserPage,
             "List users.", "user list"),
    Endpoint("GetUser", "GET", IN + "/users/{user}", LOOK, i.OneUser, i.UserView,
             "Show a user.", "user show USER"),
    Endpoint("DeleteUser", "DELETE", IN + "/users/{user}", ADMIN, i.UserRemoval, None,
             "Remove a user.", "user delete USER"),
    Endpoint("AttachUserPolicy", "PUT", IN + "/users/{user}/policies/{policy}", ADMIN,
             i.UserPolicy, None, "Attach a managed policy to a user.", "user attach USER POLICY"),
    Endpoint("DetachUserPolicy", "DELETE", IN + "/users/{user}/policies/{policy}", ADMIN,
             i.UserPolicy, None, "Detach a managed policy from a user.", "user detach USER POLICY"),
    Endpoint("AddUserToGroup", "PUT", IN + "/groups/{group}/members/{user}", ADMIN, i.UserGroup,
             None, "Put a user into a group.", "group add GROUP USER"),
    Endpoint("RemoveUserFromGroup", "DELETE", IN + "/groups/{group}/members/{user}", ADMIN,
             i.UserGroup, None, "Take a user out of a group.", "group remove GROUP USER"),

    Endpoint("CreateAccessKey", "POST", IN + "/keys", ADMIN, i.NewKey, i.KeyPair,
             "Make an access key; its secret is shown this once.", "key create"),
    Endpoint("ListAccessKeys", "GET", IN + "/keys", LOOK, i.KeysOf, i.KeyPage,
             "List access keys, without their secrets.", "key list"),
    Endpoint("GetAccessKey", "GET", "/keys/{key}", LOOK, i.OneKey, i.KeyView,
             "Show an access key, without its secret.", "key show KEY"),
    Endpoint("UpdateAccessKey", "PATCH", "/keys/{key}", ADMIN, i.KeyStatusChange, i.KeyView,
             "Have an access key work, or not: Active or Inactive.", "key set KEY STATUS"),
    Endpoint("DeleteAccessKey", "DELETE", "/keys/{key}", ADMIN, i.OneKey, None,
             "Remove an access key.", "key delete KEY"),

    Endpoint("RotateSealingKey", "POST", "/sealing-key/rotate", ADMIN, s.KeyRotation, s.KeyRotated,
             "Seal all secrets anew under a new key, while requests go on.", "key rotate"),

    Endpoint("CreateGroup", "POST", IN + "/groups", ADMIN, i.NewGroup, i.GroupView,
             "Make a group.", "group create NAME"),
    Endpoint("ListGroups", "GET", IN + "/groups", LOOK, i.OfAccount, i.GroupPage,
             "List groups.", "group list"),
    Endpoint("GetGroup", "GET", IN + "/groups/{group}", LOOK, i.OneGroup, i.GroupView,
             "Show a group.", "group show GROUP"),
    Endpoint("DeleteGroup", "DELETE", IN + "/groups/{group}", ADMIN, i.OneGroup, None,
             "Remove a group that has neither members nor policies.", "group delete GROUP"),
    Endpoint("AttachGroupPolicy", "PUT", IN + "/groups/{group}/policies/{policy}", ADMIN,
             i.GroupPolicy, None, "Attach a managed policy to a group.",
             "group attach GROUP POLICY"),
    Endpoint("DetachGroupPolicy", "DELETE", IN + "/groups/{group}/policies/{policy}", ADMIN,
             i.GroupPolicy, None, "Detach a managed policy from a group.",
             "group detach GROUP POLICY"),

    Endpoint("CreatePolicy", "POST", IN + "/policies", ADMIN, i.NewPolicy, i.PolicyView,
             "Make a managed policy.", "policy create NAME DOCUMENT"),
    Endpoint("ListPolicies", "GET", IN + "/policies", LOOK, i.PoliciesOf, i.PolicyPage,
             "List managed policies.", "policy list"),
    Endpoint("GetPolicy", "GET", IN + "/policies/{policy}", LOOK, i.OnePolicy, i.PolicyView,
             "Show a managed policy.", "policy show POLICY"),
    Endpoint("ChangePolicy", "PUT", IN + "/policies/{policy}", ADMIN, i.PolicyChange, i.PolicyView,
             "Have a managed policy say something else, as a new version.",
             "policy change POLICY DOCUMENT"),
    Endpoint("DeletePolicy", "DELETE", IN + "/policies/{policy}", ADMIN, i.OnePolicy, None,
             "Remove a managed policy that is attached nowhere, with all its versions.",
             "policy delete POLICY"),

    Endpoint("ListBuckets", "GET", "/buckets", LOOK, b.BucketsOf, b.BucketPage,
             "List buckets with their owners and what they hold.", "bucket list"),
    Endpoint("GetBucket", "GET", "/buckets/{bucket}", LOOK, b.OneBucket, b.BucketView,
             "Show a bucket.", "bucket show BUCKET"),
    Endpoint("GetQuota", "GET", "/buckets/{bucket}/quota", LOOK, b.OneBucket, b.QuotaView,
             "Show how much a bucket may hold.", "quota show BUCKET"),
    Endpoint("SetQuota", "PUT", "/buckets/{bucket}/quota", ADMIN, b.QuotaChange, b.QuotaView,
             "Say how much a bucket may hold.", "quota set BUCKET"),
    Endpoint("DeleteQuota", "DELETE", "/buckets/{bucket}/quota", ADMIN, b.OneBucket, None,
             "Let a bucket hold as much as there is room for.", "quota delete BUCKET"),
    Endpoint("ListExposures", "GET", "/exposures", LOOK, b.ExposureOf, b.ExposurePage,
             "Tell what anonymous callers can reach.", "exposure [BUCKET]"),

    Endpoint("ListRates", "GET", "/rates", LOOK, Paged, b.RatePage,
             "List callers with a rate limit of their own.", "rate list"),
    Endpoint("SetRate", "PUT", "/rates/{caller}", ADMIN, b.RateChange, b.RateView,
             "Give a caller a rate limit of its own, from the next request on.", "rate set CALLER"),
    Endpoint("DeleteRate", "DELETE", "/rates/{caller}", ADMIN, b.OneRate, None,
             "Let a caller have the rate limit of the settings.", "rate delete CALLER"),
    Endpoint("GetRefusal", "GET", "/refusals/{request_id}", LOOK, s.OneRefusal, s.RefusalView,
             "Tell why a request was refused, if that is not too long ago.", "explain REQUEST_ID"),

    Endpoint("GetStats", "GET", "/stats", LOOK, Nothing, s.Stats,
             "Tell what the server has done, and with which processes.", "stats"),
    Endpoint("GetSettings", "GET", "/settings", LOOK, Nothing, s.Settings,
             "Tell which settings are in force, and where each was said.", "settings"),
    Endpoint("ListJobs", "GET", "/jobs", LOOK, Nothing, s.Jobs,
             "Tell what goes on beside the requests.", "jobs list"),
    Endpoint("RunJob", "POST", "/jobs/{job}/run", ADMIN, s.OneJob, s.JobView,
             "Have a job work now, or right after the round that is under way.", "jobs run JOB"),
    Endpoint("ListEvents", "GET", "/events", LOOK, s.EventsAfter, s.EventPage,
             "List events after a number.", "events list"),
    Endpoint("FollowEvents", "GET", "/events/stream", LOOK, s.EventsFrom, None,
             "Follow events as they happen, as server-sent events.", "events follow",
             stream="text/event-stream"),
    Endpoint("ListTargets", "GET", "/targets", LOOK, Nothing, s.Targets,
             "List those whom buckets may tell of events.", "target list"),
    Endpoint("ListDeadLetters", "GET", "/dead-letters", LOOK, s.LettersAfter, s.LetterPage,
             "List events that targets were not told of.", "letter list"),
    Endpoint("RetryDeadLetters", "POST", "/dead-letters/retry", ADMIN, s.WhichLetters, s.Count,
             "Have targets told once more.", "letter retry"),
    Endpoint("DropDeadLetters", "DELETE", "/dead-letters", ADMIN, s.WhichLetters, s.Count,
             "Forget events that targets were not told of.", "letter drop"),
)
# fmt: on
