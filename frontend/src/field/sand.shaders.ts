/** The shaders of sand: what `forkframe/engines/builtin/sand.py` does, gathered pixel by pixel. */

import * as of from "./grains";
import { HEAD, MIRRORED } from "./morph.shaders";

const RANDOM = `
uniform vec2 u_seed; // its lower and its upper half

uint hashed(uint i, uint j, uint salt) {
  uint h = i * 0x9E3779B1u + j * 0x85EBCA77u + salt;
  h = (h ^ (h >> 16)) * 0x7FEB352Du;
  h = (h ^ (h >> 15)) * 0x846CA68Bu;
  return h ^ (h >> 16);
}

uint salted(int layer, uint salt) {
  return (uint(u_seed.x) | uint(u_seed.y) << 16) + salt * uint(layer + 1);
}

// Byte n of a hash, as −1…1.
float random(uint h, int n) { return float((h >> (8 * n)) & 255u) * (2.0 / 255.0) - 1.0; }

float smoothed(float x) { return x * x * (3.0 - x - x); }
`;

/** Where every layer, one below the other, has carried each cell of the grid: (x, y), and how far its flight is. */
export const DRIFT = `${HEAD}${RANDOM}
uniform sampler2D u_field; // v in shares of the frame, τ
uniform float u_t, u_flight;
uniform vec2 u_wind;
out uvec4 o_drift; // bits

const float REACHES[3] = float[3](${of.REACHES.map((reach) => reach.toFixed(4)).join(", ")});
const float PART = ${of.PART.toFixed(4)};

// Smooth, −1…1, about as often up as down along a unit.
vec2 swirl(vec2 at, uint salt) {
  vec2 i = floor(at), f = at - i;
  uint x = uint(i.x), y = uint(i.y);
  uint a = hashed(x, y, salt), b = hashed(x + 1u, y, salt), c = hashed(x, y + 1u, salt), d = hashed(x + 1u, y + 1u, salt);
  float fx = smoothed(f.x), fy = smoothed(f.y);
  vec2 above = mix(vec2(random(a, 0), random(a, 1)), vec2(random(b, 0), random(b, 1)), fx);
  vec2 below = mix(vec2(random(c, 0), random(c, 1)), vec2(random(d, 0), random(d, 1)), fx);
  return mix(above, below, fy);
}

void main() {
  ivec2 size = textureSize(u_field, 0), pixel = ivec2(gl_FragCoord.xy);
  int layer = pixel.y / size.y;
  pixel.y -= layer * size.y;
  vec2 cells = vec2(size);
  vec3 here = texelFetch(u_field, pixel, 0).xyz;
  bool arrives = layer % 2 == 0;
  float u = (u_t - here.z) / u_flight + 0.5;
  float way = clamp((arrives ? u - (1.0 - PART) : u) / PART, 0.0, 1.0);
  float far = REACHES[layer / 2] * (arrives ? -(1.0 - way) * (1.0 - way) : way * way);
  float turns = ${of.SWIRLS.toFixed(4)} / min(cells.x, cells.y);
  vec2 turned = swirl((vec2(pixel) + 0.5) * turns, salted(layer, ${of.PAIR_SALT}u));
  vec2 wind = u_wind + ${of.SWIRL.toFixed(4)} * length(u_wind * cells) * turned / cells;
  o_drift = floatBitsToUint(vec4((u_t + u_t - 1.0) * here.xy + far * wind, way, 0.0));
}`;

/** The grains of every layer, one below the other: bits of x, of y, of radius and how much is seen, of its colour. */
export const GRAINS = `${HEAD}${RANDOM}${MIRRORED}
uniform sampler2D u_field, u_first, u_last;
uniform usampler2D u_drift;
uniform float u_cell, u_rows;
out uvec4 o_grain;

vec3 averaged(sampler2D picture, vec2 place) {
  vec2 size = vec2(textureSize(picture, 0));
  vec3 sum = vec3(0.0);
  for (int k = 0; k < 4; k++) {
    vec2 around = 0.25 * u_cell * vec2((k & 1) == 1 ? 1.0 : -1.0, (k & 2) == 2 ? 1.0 : -1.0);
    vec2 at = max(mirrored(place + around, size - 1.0), 0.0);
    sum += 0.25 * textureLod(picture, (at + 0.5) / size, 0.0).rgb;
  }
  return sum;
}

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy), grid = textureSize(u_field, 0);
  int rows = int(u_rows), layer = at.y / rows;
  at.y -= layer * rows;
  bool arrives = layer % 2 == 0;
  vec2 size = vec2(textureSize(u_first, 0));
  uint by = hashed(uint(at.x), uint(at.y), salted(layer, ${of.GRAIN_SALT}u));
  vec2 middle = vec2(float(at.x) - 1.0 + 0.5 * float(at.y & 1), float(at.y) - 0.5);
  vec2 p = u_cell * (middle + ${of.JITTER.toFixed(4)} * vec2(random(by, 0), random(by, 1)));
  vec2 g = clamp(p * vec2(grid) / size - 0.5, vec2(0.0), vec2(grid) - 1.001);
  ivec2 i = ivec2(g), top = ivec2(0, layer * grid.y);
  vec2 f = g - vec2(i);
  vec3 drift = mix(
    mix(uintBitsToFloat(texelFetch(u_drift, top + i, 0).xyz), uintBitsToFloat(texelFetch(u_drift, top + i + ivec2(1, 0), 0).xyz), f.x),
    mix(uintBitsToFloat(texelFetch(u_drift, top + i + ivec2(0, 1), 0).xyz), uintBitsToFloat(texelFetch(u_drift, top + i + 1, 0).xyz), f.x),
    f.y
  );
  float flown = arrives ? 1.0 - drift.z : drift.z;
  float gone = flown * (1.0 + ${of.HASTE.toFixed(4)} * 0.5 * (random(by, 2) + 1.0));
  o_grain = uvec4(0u);
  if (flown <= 0.0 || gone >= 1.0) return;
  vec2 v = mix(
    mix(texelFetch(u_field, i, 0).xy, texelFetch(u_field, i + ivec2(1, 0), 0).xy, f.x),
    mix(texelFetch(u_field, i + ivec2(0, 1), 0).xy, texelFetch(u_field, i + 1, 0).xy, f.x),
    f.y
  );
  uint other = hashed(uint(at.y), uint(at.x), by);
  float parted = smoothed(min(flown / ${of.LIFT.toFixed(4)}, 1.0));
  vec2 from = p + (arrives ? v : -v) * size - 0.5;
  vec3 colour;
  if (arrives) colour = averaged(u_last, from); else colour = averaged(u_first, from);
  colour = min(colour * (1.0 + ${of.TONES.toFixed(4)} * parted * random(other, 1)), 1.0);
  float radius = u_cell * ${of.RADIUS.toFixed(4)} * (1.0 + ${of.SIZES.toFixed(4)} * random(other, 0)) * sqrt(1.0 - gone * gone);
  float seen = parted * (1.0 - ${of.FADE.toFixed(4)} * gone);
  uvec3 levels = uvec3(colour * 1023.0 + 0.5);
  uint packed = levels.r | levels.g << 10 | levels.b << 20;
  o_grain = uvec4(floatBitsToUint(p + drift.xy * size - 0.5), packHalf2x16(vec2(radius, seen)), packed);
}`;

/**
 * The grains over a frame. Every pixel undoes the flight of a layer and looks through the four cells around, in the
 * order in which they are laid.
 */
export const LAY = `${HEAD}
uniform sampler2D u_frame;
uniform usampler2D u_undone; // the drift that has come to lie over each cell of the grid, a layer below the other
uniform usampler2D u_grains;
uniform float u_cell;
out vec4 o_frame;

const int LAYERS = ${of.LAYERS};

vec3 laid(vec3 frame, uvec4 grain, vec2 pixel) {
  vec2 body = unpackHalf2x16(grain.z);
  if (body.x <= 0.0) return frame;
  vec2 away = uintBitsToFloat(grain.xy) - pixel;
  float rim = body.x + 0.5, square = dot(away, away);
  if (square >= rim * rim) return frame;
  float share = body.y * min(2.0 * body.x, 1.0) * min(rim - sqrt(square), 1.0);
  float light = 1.0 + ${of.LIGHT.toFixed(4)} * body.y * dot(vec2(0.5, 0.85), away) / rim;
  vec3 colour = vec3(uvec3(grain.w, grain.w >> 10, grain.w >> 20) & 1023u) / 1023.0;
  return mix(frame, min(colour * light, 1.0), share);
}

void main() {
  vec2 size = vec2(textureSize(u_frame, 0)), pixel = floor(gl_FragCoord.xy);
  ivec2 grid = textureSize(u_undone, 0) / ivec2(1, LAYERS), cells = textureSize(u_grains, 0) / ivec2(1, LAYERS);
  vec2 g = clamp((pixel + 0.5) * vec2(grid) / size - 0.5, vec2(0.0), vec2(grid) - 1.001);
  ivec2 i = ivec2(g);
  vec2 f = g - vec2(i);
  vec3 frame = texelFetch(u_frame, ivec2(pixel), 0).rgb;
  for (int layer = 0; layer < LAYERS; layer++) {
    ivec2 at = i + ivec2(0, layer * grid.y);
    vec3 a = uintBitsToFloat(texelFetch(u_undone, at, 0).xyz);
    vec3 b = uintBitsToFloat(texelFetch(u_undone, at + ivec2(1, 0), 0).xyz);
    vec3 c = uintBitsToFloat(texelFetch(u_undone, at + ivec2(0, 1), 0).xyz);
    vec3 d = uintBitsToFloat(texelFetch(u_undone, at + 1, 0).xyz);
    // Before or after its flight a layer lies on its picture, and is not seen.
    if (min(min(a.z, b.z), min(c.z, d.z)) >= 1.0 || max(max(a.z, b.z), max(c.z, d.z)) <= 0.0) continue;
    vec2 place = (pixel + 0.5 - mix(mix(a.xy, b.xy, f.x), mix(c.xy, d.xy, f.x), f.y) * size) / u_cell + vec2(1.0, 0.5);
    int first = int(floor(place.y));
    for (int j = first; j < first + 2; j++) {
      if (j < 0 || j >= cells.y) continue;
      int left = int(floor(place.x - 0.5 * float(j & 1)));
      for (int k = left; k < left + 2; k++) {
        if (k < 0 || k >= cells.x) continue;
        frame = laid(frame, texelFetch(u_grains, ivec2(k, j + layer * cells.y), 0), pixel);
      }
    }
  }
  o_frame = vec4(frame, 1.0);
}`;
