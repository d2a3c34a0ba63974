"""One document of each kind that S3 takes, by the operation that takes it."""

DOCUMENTS = {
    "CompleteMultipartUpload": (
        "<CompleteMultipartUpload><Part><ETag>&quot;a&quot;</ETag><PartNumber>1</PartNumber>"
        "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></CompleteMultipartUpload>"
    ),
    "CreateBucket": (
        '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<LocationConstraint>eu-west-1</LocationConstraint><Tags><Tag><Key>a</Key><Value>b"
        "</Value></Tag></Tags></CreateBucketConfiguration>"
    ),
    "DeleteObjects": (
        "<Delete><Object><Key> a\n</Key><VersionId>v</VersionId></Object><Quiet>true</Quiet>"
        "</Delete>"
    ),
    "PutBucketAccelerateConfiguration": (
        "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>"
    ),
    "PutBucketAcl": (
        "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>"
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
        "<ID>i</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList>"
        "</AccessControlPolicy>"
    ),
    "PutBucketAnalyticsConfiguration": (
        "<AnalyticsConfiguration><Id>id</Id><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key>"
        "<Value>v</Value></Tag></And></Filter><StorageClassAnalysis/></AnalyticsConfiguration>"
    ),
    "PutBucketCors": (
        "<CORSConfiguration><CORSRule><ID>i</ID><AllowedOrigin>http://*.example.com"
        "</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-*</AllowedHeader>"
        "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>"
        "</CORSConfiguration>"
    ),
    "PutBucketEncryption": (
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
        "</ServerSideEncryptionConfiguration>"
    ),
    "PutBucketIntelligentTieringConfiguration": (
        "<IntelligentTieringConfiguration><Id>id</Id><Status>Enabled</Status><Tiering>"
        "<AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering>"
        "</IntelligentTieringConfiguration>"
    ),
    "PutBucketInventoryConfiguration": (
        "<InventoryConfiguration><Id>id</Id><IsEnabled>true</IsEnabled><Destination>"
        "<S3BucketDestination><Bucket>arn:aws:s3:::b</Bucket><Format>CSV</Format>"
        "</S3BucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>"
        "<IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field>"
        "</OptionalFields></InventoryConfiguration>"
    ),
    "PutBucketLifecycleConfiguration": (
        "<LifecycleConfiguration><Rule><ID>i</ID><Status>Enabled</Status><Filter><And>"
        "<Prefix>logs/</Prefix><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></And></Filter>"
        "<Expiration><Days>1</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>3"
        "</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
        "</NoncurrentVersionExpiration></Rule><Rule><Prefix>tmp/</Prefix><Status>Disabled"
        "</Status><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>"
        "</LifecycleConfiguration>"
    ),
    "PutBucketLogging": (
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>b</TargetBucket><TargetPrefix>p/"
        "</TargetPrefix><TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime"
        "</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat></LoggingEnabled>"
        "</BucketLoggingStatus>"
    ),
    "PutBucketMetricsConfiguration": (
        "<MetricsConfiguration><Id>id</Id><Filter><Prefix>p</Prefix></Filter>"
        "</MetricsConfiguration>"
    ),
    "PutBucketNotificationConfiguration": (
        "<NotificationConfiguration><QueueConfiguration><Id>i</Id>"
        "<Queue>arn:aws:sqs:us-east-1:1:q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key>"
        "<FilterRule><Name>prefix</Name><Value>a/</Value></FilterRule></S3Key></Filter>"
        "</QueueConfiguration></NotificationConfiguration>"
    ),
    "PutBucketOwnershipControls": (
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
        "</OwnershipControls>"
    ),
    "PutBucketRequestPayment": (
        "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"
    ),
    "PutBucketTagging": (
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    ),
    "PutBucketVersioning": (
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    ),
    "PutBucketWebsite": (
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
        "<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>docs/</KeyPrefixEquals>"
        "</Condition><Redirect><ReplaceKeyPrefixWith>d/</ReplaceKeyPrefixWith>"
        "<HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>"
        "</WebsiteConfiguration>"
    ),
    "PutObjectLegalHold": ("<LegalHold><Status>ON</Status></LegalHold>"),
    "PutObjectLockConfiguration": (
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
        "</ObjectLockConfiguration>"
    ),
    "PutObjectRetention": (
        "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z"
        "</RetainUntilDate></Retention>"
    ),
    "PutObjectTagging": ("<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>"),
    "PutPublicAccessBlock": (
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
        "</PublicAccessBlockConfiguration>"
    ),
}
