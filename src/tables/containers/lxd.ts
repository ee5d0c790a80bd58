import { textsEqualTo } from "../constraints.js";
import { defineTable } from "../define_table.js";
import type { Host } from "../host.js";
import {
  entriesOf,
  flagAt,
  integerAt,
  listAt,
  memberOf,
  stringsAt,
  textAt,
} from "../sources/json_file.js";
import { serviceDocument } from "../sources/local_service.js";

/** `metadata` of an answer of LXD's REST API; null without LXD, and for what it does not know. */
function lxdGet(host: Host, target: string): unknown {
  return memberOf(serviceDocument(host, "lxd", target), "metadata") ?? null;
}

interface LxdObject {
  readonly url: string;
  readonly value: unknown;
}

/** Objects of a collection; names are what the list gives as paths. */
function* lxdObjects(host: Host, collection: string): Iterable<LxdObject> {
  for (const url of stringsAt(lxdGet(host, collection))) {
    const value = lxdGet(host, url);
    if (value !== null) yield { url, value };
  }
}

/** An instance by its name; LXD calls them containers as well. */
function lxdInstance(host: Host, name: string): unknown {
  return lxdGet(host, `/1.0/instances/${encodeURIComponent(name)}`);
}

export const lxdCertificates = defineTable("lxd_certificates", {
  *generate(_request, host) {
    for (const { value } of lxdObjects(host, "/1.0/certificates")) {
      yield {
        name: textAt(value, "name"),
        type: textAt(value, "type"),
        fingerprint: textAt(value, "fingerprint"),
        certificate: textAt(value, "certificate"),
      };
    }
  },
});

export const lxdCluster = defineTable("lxd_cluster", {
  *generate(_request, host) {
    const cluster = lxdGet(host, "/1.0/cluster");
    for (const setting of listAt(cluster, "member_config")) {
      yield {
        server_name: textAt(cluster, "server_name"),
        enabled: flagAt(cluster, "enabled"),
        member_config_entity: textAt(setting, "entity"),
        member_config_name: textAt(setting, "name"),
        member_config_key: textAt(setting, "key"),
        member_config_value: textAt(setting, "value"),
        member_config_description: textAt(setting, "description"),
      };
    }
  },
});

export const lxdClusterMembers = defineTable("lxd_cluster_members", {
  *generate(_request, host) {
    for (const { value } of lxdObjects(host, "/1.0/cluster/members")) {
      yield {
        server_name: textAt(value, "server_name"),
        url: textAt(value, "url"),
        database: flagAt(value, "database"),
        status: textAt(value, "status"),
        message: textAt(value, "message"),
      };
    }
  },
});

export const lxdImages = defineTable("lxd_images", {
  *generate(request, host) {
    const ids = textsEqualTo(request, "id")?.map((id) => id.toLowerCase());
    for (const { value } of lxdObjects(host, "/1.0/images")) {
      const id = textAt(value, "fingerprint");
      if (ids !== undefined && !ids.includes(id ?? "")) continue;
      yield {
        id,
        architecture: textAt(value, "architecture"),
        os: textAt(value, "properties", "os"),
        release: textAt(value, "properties", "release"),
        description: textAt(value, "properties", "description"),
        aliases: listAt(value, "aliases")
          .map((alias) => textAt(alias, "name"))
          .join(","),
        filename: textAt(value, "filename"),
        size: integerAt(value, "size"),
        auto_update: flagAt(value, "auto_update"),
        cached: flagAt(value, "cached"),
        public: flagAt(value, "public"),
        created_at: textAt(value, "created_at"),
        expires_at: textAt(value, "expires_at"),
        uploaded_at: textAt(value, "uploaded_at"),
        last_used_at: textAt(value, "last_used_at"),
        update_source_server: textAt(value, "update_source", "server"),
        update_source_protocol: textAt(value, "update_source", "protocol"),
        update_source_certificate: textAt(value, "update_source", "certificate"),
        update_source_alias: textAt(value, "update_source", "alias"),
      };
    }
  },
});

export const lxdInstanceConfig = defineTable("lxd_instance_config", {
  *generate(request, host) {
    for (const name of textsEqualTo(request, "name") ?? []) {
      for (const [key, value] of entriesOf(memberOf(lxdInstance(host, name), "config"))) {
        yield { name, key, value: textAt(value) };
      }
    }
  },
});

export const lxdInstanceDevices = defineTable("lxd_instance_devices", {
  *generate(request, host) {
    for (const name of textsEqualTo(request, "name") ?? []) {
      const devices = entriesOf(memberOf(lxdInstance(host, name), "expanded_devices"));
      for (const [device, settings] of devices) {
        const device_type = textAt(settings, "type");
        for (const [key, value] of entriesOf(settings)) {
          if (key !== "type") yield { name, device, device_type, key, value: textAt(value) };
        }
      }
    }
  },
});

export const lxdInstances = defineTable("lxd_instances", {
  *generate(request, host) {
    const named = textsEqualTo(request, "name")?.map(
      (name) => `/1.0/instances/${encodeURIComponent(name)}`,
    );
    for (const url of named ?? stringsAt(lxdGet(host, "/1.0/instances"))) {
      const instance = lxdGet(host, url);
      if (instance === null) continue;
      const state = lxdGet(host, `${url}/state`);
      yield {
        name: textAt(instance, "name"),
        status: textAt(instance, "status"),
        stateful: flagAt(instance, "stateful"),
        ephemeral: flagAt(instance, "ephemeral"),
        created_at: textAt(instance, "created_at"),
        base_image: textAt(instance, "config", "volatile.base_image"),
        architecture: textAt(instance, "architecture"),
        os: textAt(instance, "config", "image.os"),
        description: textAt(instance, "config", "image.description"),
        pid: integerAt(state, "pid"),
        processes: integerAt(state, "processes"),
      };
    }
  },
});

export const lxdNetworks = defineTable("lxd_networks", {
  *generate(_request, host) {
    for (const { url, value } of lxdObjects(host, "/1.0/networks")) {
      const state = lxdGet(host, `${url}/state`);
      yield {
        name: textAt(value, "name"),
        type: textAt(value, "type"),
        managed: flagAt(value, "managed"),
        ipv4_address: textAt(value, "config", "ipv4.address"),
        ipv6_address: textAt(value, "config", "ipv6.address"),
        used_by: stringsAt(value, "used_by").join(","),
        bytes_received: integerAt(state, "counters", "bytes_received"),
        bytes_sent: integerAt(state, "counters", "bytes_sent"),
        packets_received: integerAt(state, "counters", "packets_received"),
        packets_sent: integerAt(state, "counters", "packets_sent"),
        hwaddr: textAt(state, "hwaddr"),
        state: textAt(state, "state"),
        mtu: integerAt(state, "mtu"),
      };
    }
  },
});

export const lxdStoragePools = defineTable("lxd_storage_pools", {
  *generate(_request, host) {
    for (const { url, value } of lxdObjects(host, "/1.0/storage-pools")) {
      const resources = lxdGet(host, `${url}/resources`);
      yield {
        name: textAt(value, "name"),
        driver: textAt(value, "driver"),
        source: textAt(value, "config", "source"),
        size: textAt(value, "config", "size"),
        space_used: integerAt(resources, "space", "used"),
        space_total: integerAt(resources, "space", "total"),
        inodes_used: integerAt(resources, "inodes", "used"),
        inodes_total: integerAt(resources, "inodes", "total"),
      };
    }
  },
});
