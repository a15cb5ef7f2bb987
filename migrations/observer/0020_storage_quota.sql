-- tracker, where what people keep is kept, learns a tenant's limit of storage by the notice of the tenant. Those that have a
-- limit already are told anew.
UPDATE tenants SET version = version + 1 WHERE max_storage_mb IS NOT NULL;

INSERT INTO notices (body)
SELECT json_object('kind', 'tenant', 'tenant_id', id, 'slug', slug, 'name', name,
  'is_active', json(iif(status = 'active', 'true', 'false')),
  'domains', (SELECT json_group_array(domain) FROM tenant_domains WHERE tenant_id = tenants.id),
  'storage_mb', max_storage_mb, 'version', version)
FROM tenants WHERE max_storage_mb IS NOT NULL;
